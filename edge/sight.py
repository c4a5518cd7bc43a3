"""One camera's empty scene: what it looks like now, and what it does when nothing is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.background import Background, BackgroundRule
from analytics.blocks import Blocks
from analytics.clean_reference import CleanReference
from analytics.eyesight import Eyesight
from analytics.ground import Ground
from analytics.hidden_ground import HiddenGround, HiddenRule
from analytics.incidents import Finding
from analytics.places import Place
from analytics.slow_finding import CameraGround, finding_of
from analytics.zones import Zone
from edge.camera_config import CameraSettings
from edge.quiet_tiles import QuietTiles
from edge.slow_places import ZonePlaces
from edge.slow_store import SlowStore


@dataclass(slots=True)
class Sight:
    """What is known of a view at one picture size.

    Attributes
    ----------
    camera
        What is known of the ground that it shows.
    hidden
        Which of its ground is hidden.
    quiet
        Where an inspection needs no look.
    inspected_look
        The background's look that the last inspection ended with.
    """

    background: Background
    reference: CleanReference
    camera: CameraGround
    hidden: HiddenGround
    quiet: QuietTiles
    inspected_look: int = 0

    @classmethod
    def of(cls, camera: CameraSettings, zones: Sequence[Zone], size_px: tuple[int, int]) -> "Sight":
        """Return that of a camera that was never seen before."""
        blocks = Blocks.of(zones, size_px)
        settings = camera.inspection
        return cls(
            Background(
                blocks, BackgroundRule(settings.background_every_s, settings.background_looks)
            ),
            CleanReference(blocks),
            CameraGround(*size_px, camera.ground_plane, camera.position),
            HiddenGround(blocks, HiddenRule(settings.stands_s, settings.background_every_s)),
            QuietTiles(every_s=settings.every_s),
        )

    def learn_anew(self) -> None:
        """Forget what the view looks like now.

        What it looks like when nothing is wrong stays, and what stands before it: of another view
        only those looks counted that came before it was noticed.
        """
        self.background = Background(self.background.blocks, self.background.rule)
        self.quiet.forget()
        self.inspected_look = 0

    @property
    def eyesight(self) -> Eyesight:
        """How well it can be seen now."""
        return Eyesight.of(self.background)

    def ground(self) -> Ground:
        """Return the ground as it is since the last inspection."""
        reference = self.reference
        return Ground(
            background=self.background,
            changed=reference.changed,
            clean=reference.scene,
            unclean=reference.unclean,
            in_sight=self.background.confirmed_since(self.inspected_look),
            comparable=self.background.known & reference.known,
        )

    def finding(self, zone: ZonePlaces, place: Place) -> Finding:
        """Return what an open place is, as a finding."""
        width_px = (place.box[2] - place.box[0]) * self.camera.width_px
        quality = self.eyesight.quality(width_px)
        return finding_of(zone.kind, zone.zone.name, place, self.camera, quality)

    def restore(self, store: SlowStore) -> None:
        """Go on with what was kept, where it is of this view."""
        for file, part in (
            (store.background, self.background),
            (store.reference, self.reference),
            (store.hidden, self.hidden),
        ):
            content = file.read()
            if not content:
                continue
            try:
                part.restore(content)
            except ValueError as exc:
                file.refuse(exc)

    def keep(self, store: SlowStore) -> None:
        """Keep what was learnt."""
        if self.background.looks:
            store.background.write(self.background.to_bytes())
            store.hidden.write(self.hidden.to_bytes())
        store.reference.write(self.reference.to_bytes())

"""What a changed configuration means for a site that runs. Pure."""

from dataclasses import dataclass

from edge.config import SiteSettings

_AT_ONCE = frozenset({"cameras", "name", "secrets_file"})
"""What a running site takes over; the secrets' file is read each time anyway."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What became of a configuration that was read again.

    Attributes
    ----------
    added, removed, changed
        Cameras, by name.
    needs_restart
        Keys that changed, and take effect only when the site is started again.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    needs_restart: tuple[str, ...]

    def text(self) -> str:
        """Return it as people read it."""
        parts = [
            f"{len(names)} camera(s) {what}: {', '.join(names)}"
            for what, names in (
                ("added", self.added),
                ("removed", self.removed),
                ("changed", self.changed),
            )
            if names
        ]
        if self.needs_restart:
            parts.append(f"needs a restart: {', '.join(self.needs_restart)}")
        return "; ".join(parts) or "nothing has changed"


def compared(old: SiteSettings, new: SiteSettings) -> Reloaded:
    """Return what differs between two configurations of a site."""
    before = {camera.camera: camera for camera in old.cameras}
    after = {camera.camera: camera for camera in new.cameras}
    return Reloaded(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(name for name in after if name in before and after[name] != before[name]),
        needs_restart=tuple(
            key
            for key in SiteSettings.model_fields
            if key not in _AT_ONCE and _of(old, key) != _of(new, key)
        ),
    )


def _of(settings: SiteSettings, key: str) -> object:
    # More cameras may want more workers, though the key says as before that there is one a core.
    return settings.worker_count if key == "workers" else getattr(settings, key)

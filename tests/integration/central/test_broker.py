"""The embedded broker's own files."""

from pathlib import Path

import pytest

from central.broker import EmbeddedBroker, EmbeddedBrokerError
from tests.brokers import free_port

pytestmark = pytest.mark.integration


def test_a_password_in_the_brokers_file_is_its_owners_alone(tmp_path: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text("from a run before")
    config.chmod(0o644)
    broker = EmbeddedBroker(tmp_path, free_port(), username="central", password="s3cret")
    broker.start()
    try:
        assert config.stat().st_mode & 0o777 == 0o600
        assert "s3cret" in config.read_text(encoding="utf-8")
    finally:
        broker.kill()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where a folder belongs")
    with pytest.raises(EmbeddedBrokerError, match="cannot be started"):
        EmbeddedBroker(tmp_path / "file" / "broker", free_port()).start()

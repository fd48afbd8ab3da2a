"""Those who change a SQLite store take turns, in one process."""

import threading
from pathlib import Path

from gateway.storage.database import Database


def test_writers_of_one_process_take_turns(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/clips.db")
    began = threading.Event()

    def write() -> None:
        with database.writing():
            began.set()

    second = threading.Thread(target=write)
    with database.writing():
        second.start()
        assert not began.wait(0.3)
    assert began.wait(30)
    second.join()
    database.close()

"""Which names alone say that an awaited call waits for I/O."""

from __future__ import annotations

import pytest

from par_lint.analysis.semantics.io_words import suggests_io, words


def test_words_of_both_spellings() -> None:
    assert words("aembed_documents") == {"aembed", "documents"}
    assert words("sendJSONText") == {"send", "json", "text"}


@pytest.mark.parametrize(
    ("path", "is_item"),
    [("file.remove", True), ("job.retrieve_input", True), ("websocket.send_json", True), ("self.client.get_user", False),
     ("self.collection.upsert", False), ("storage.upload_blob", False), ("download", False), ("fetch_page", False), ("llm.ainvoke", False)],
)  # fmt: skip
def test_waits(path: str, is_item: bool) -> None:
    receiver, _, method = path.rpartition(".")
    assert suggests_io(receiver, method, is_item=is_item)


@pytest.mark.parametrize(
    ("path", "is_item"),
    [("item.prepare", True), ("entity.remove", True), ("client.close", True), ("self.client.connect", False), ("conn.fetch", False),
     ("self.db.upsert", False), ("page.get", False), ("client.send_command", False), ("client.fetch_from_db", False), ("self.process", False)],
)  # fmt: skip
def test_does_not_say_that_it_waits(path: str, is_item: bool) -> None:
    receiver, _, method = path.rpartition(".")
    assert not suggests_io(receiver, method, is_item=is_item)

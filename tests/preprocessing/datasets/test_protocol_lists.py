"""Which clips a published protocol is about."""

from collections import Counter
from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import protocol_lists as module
from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.datasets.protocol_lists import (
    ProtocolList,
    hash_of,
    membership,
    protocol_lists,
)
from ma2mi_preprocessing.errors import InputError

KNOWN = {protocol.name: protocol for protocol in protocol_lists()}
EXACT = [protocol for protocol in protocol_lists() if protocol.sha256 is not None]


def clips_of(members: dict[str, str]) -> list[Clip]:
    return [Clip(clip_id=name, source=Path("x"), label=None) for name in members]


@pytest.mark.parametrize("protocol", EXACT, ids=lambda protocol: protocol.name)
def test_exact_list_is_the_one_its_hash_counts_and_classes_are_of(protocol: ProtocolList) -> None:
    members = protocol.members()
    assert hash_of(members) == protocol.sha256
    assert len(members) == protocol.clips
    assert Counter(members.values()) == protocol.per_class
    assert set(members.values()) == set(protocol.classes)
    assert len({name.rpartition("/")[0] for name in members}) == protocol.subjects
    assert {name.partition("/")[0] for name in members} == set(protocol.datasets)


def test_megc2019_has_the_published_sizes_and_is_the_sum_of_its_parts() -> None:
    composite = KNOWN["megc2019"].members()
    parts = [KNOWN[name].members() for name in ("casme2-3-megc2019", "samm-3", "smic-3")]
    assert [len(part) for part in parts] == [145, 133, 164]
    assert composite == parts[0] | parts[1] | parts[2]
    assert Counter(composite.values()) == {"negative": 250, "positive": 109, "surprise": 83}
    assert KNOWN["megc2019"].subjects == 24 + 28 + 16


def test_casme2_of_megc2019_is_not_the_list_that_the_labels_give() -> None:
    by_label, megc = KNOWN["casme2-3-simple"].members(), KNOWN["casme2-3-megc2019"].members()
    assert len(by_label.keys() - megc.keys()) == 5
    assert {name.partition("/")[2] for name in megc.keys() - by_label.keys()} == {
        "sub03/EP01_2",
        "sub15/EP04_02",
        "sub17/EP01_13",
    }


def test_protocol_without_a_public_list_says_why() -> None:
    for protocol in protocol_lists():
        assert (protocol.sha256 is None) == bool(protocol.why_no_list)
        assert protocol.source
        if protocol.sha256 is None:
            assert protocol.members() == {}


def test_changed_list_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (module._FOLDER / "smic-3.csv").read_text(encoding="utf-8")
    changed = text.replace("s01_ne_01,negative", "s01_ne_01,positive")
    assert changed != text
    (tmp_path / "smic-3.csv").write_text(changed, encoding="utf-8")
    monkeypatch.setattr(module, "_FOLDER", tmp_path)
    with pytest.raises(InputError, match="list of the protocol smic-3 was changed"):
        KNOWN["smic-3"].members()


def test_exact_list_finds_its_clips_whatever_their_label_and_names_the_missing() -> None:
    protocol = KNOWN["samm-3"]
    clips = clips_of(protocol.members())
    there = membership(protocol, clips)
    assert there.complete
    assert there.classes == protocol.members()
    other = Clip(clip_id="samm/099/099_1_1", source=Path("x"), label="anger")
    short = membership(protocol, [*clips[1:], other])
    assert short.missing == (clips[0].clip_id,)
    assert not short.complete
    assert len(short.classes) == 132


def test_composite_counts_only_the_datasets_at_hand() -> None:
    part = membership(KNOWN["megc2019"], clips_of(KNOWN["samm-3"].members()))
    assert (part.expected, len(part.classes), part.missing) == (133, 133, ())


def test_rule_takes_clips_by_their_label() -> None:
    labels = ["happiness", "others", "anger", None]
    clips = [
        Clip(clip_id=f"mmew/S01/{index}", source=Path("x"), label=label)
        for index, label in enumerate(labels)
    ]
    found = membership(KNOWN["mmew-6"], clips)
    assert found.classes == {"mmew/S01/0": "happiness", "mmew/S01/2": "anger"}
    assert (found.expected, found.missing, found.complete) == (234, (), False)


def test_rule_over_several_datasets_expects_nothing_of_one() -> None:
    clips = [Clip(clip_id="mmew/S01/a", source=Path("x"))]
    found = membership(KNOWN["cross-dataset-au"], clips)
    assert (list(found.classes), found.expected) == (["mmew/S01/a"], None)


def test_hash_does_not_depend_on_order_and_depends_on_every_class() -> None:
    members = {"a/b": "x", "a/a": "y"}
    assert hash_of(members) == hash_of(dict(sorted(members.items())))
    assert hash_of(members) != hash_of(members | {"a/a": "x"})

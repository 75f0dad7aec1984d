"""What every store does, whatever it is made of: one suite, run on each kind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest

from shared.paths import PathInvalid
from shared.runtime.store.interface import ObjectExists, ObjectMissing, Store
from shared.runtime.store.local import LocalStore

StoreFactory = Callable[[Path], Store]
FACTORIES: dict[str, StoreFactory] = {"local": lambda folder: LocalStore(folder / "store")}

THREADS = 16


@pytest.fixture(params=FACTORIES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return FACTORIES[request.param](tmp_path)


def finished_file(folder: Path, content: bytes) -> Path:
    path = folder / "finished"
    path.write_bytes(content)
    return path


def test_store_in_order_is_reachable(store: Store) -> None:
    store.check_reachable()


@pytest.mark.parametrize("content", [b"", b"film", bytes(range(256)) * 5000])
def test_object_reads_as_it_was_put(store: Store, content: bytes) -> None:
    store.put("videos/a/b.bin", content)
    assert store.get("videos/a/b.bin") == content
    assert store.size("videos/a/b.bin") == len(content)
    assert store.exists("videos/a/b.bin")


def test_object_is_replaced(store: Store) -> None:
    store.put("videos/a", b"first, and longer")
    store.put("videos/a", b"second")
    assert store.get("videos/a") == b"second"


def test_objects_are_copied(store: Store) -> None:
    store.put("work/a/1", b"one")
    store.put("work/a/2", b"two")
    store.copy_all([("work/a/1", "assets/b/1"), ("work/a/2", "assets/b/c/2")])
    assert (store.get("assets/b/1"), store.get("assets/b/c/2")) == (b"one", b"two")
    assert store.get("work/a/1") == b"one"


def test_copy_outlives_its_original(store: Store) -> None:
    store.put("work/a", b"content")
    store.copy_all([("work/a", "assets/a")])
    store.put("work/a", b"another")
    assert store.get("assets/a") == b"content"
    store.delete_prefix("work/")
    assert store.get("assets/a") == b"content"


def test_copy_replaces_what_is_there(store: Store) -> None:
    store.put("work/a", b"new")
    store.put("assets/a", b"old, and longer")
    for _ in range(2):
        store.copy_all([("work/a", "assets/a")])
        assert store.get("assets/a") == b"new"


def test_copy_of_a_missing_object_is_refused(store: Store) -> None:
    with pytest.raises(ObjectMissing):
        store.copy_all([("work/a", "assets/a")])
    assert not store.exists("assets/a")


@pytest.mark.parametrize("copy", [("../a", "b"), ("a", "../b")], ids=["from", "to"])
def test_copy_leads_nowhere_out_of_the_store(store: Store, copy: tuple[str, str]) -> None:
    store.put("a", b"")
    with pytest.raises(PathInvalid):
        store.copy_all([copy])


def test_object_is_created_where_none_is(store: Store) -> None:
    store.put("work/a", b"mine", create=True)
    assert store.get("work/a") == b"mine"


def test_object_is_not_created_where_one_is(store: Store) -> None:
    store.put("work/a", b"first")
    with pytest.raises(ObjectExists):
        store.put("work/a", b"second", create=True)
    assert store.get("work/a") == b"first"


def test_object_can_be_created_again_after_it_was_deleted(store: Store) -> None:
    store.put("work/a", b"first", create=True)
    store.delete("work/a")
    store.put("work/a", b"second", create=True)
    assert store.get("work/a") == b"second"


def test_exactly_one_of_many_creators_wins(store: Store) -> None:
    barrier = Barrier(THREADS)

    def create(number: int) -> bool:
        barrier.wait()
        try:
            store.put("work/claims/0.1", b"%d" % number, create=True)
        except ObjectExists:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        won = list(pool.map(create, range(THREADS)))
    assert won.count(True) == 1
    assert store.get("work/claims/0.1") == b"%d" % won.index(True)


def test_reader_sees_one_of_the_objects_and_never_a_mixture(store: Store) -> None:
    versions = [bytes([letter]) * 200_000 for letter in b"abcd"]
    store.put("videos/a", versions[0])
    done = Event()

    def write() -> None:
        for turn in range(40):
            store.put("videos/a", versions[turn % 4])
        done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not done.is_set():
            assert store.get("videos/a") in versions
        writing.result()


def test_writers_into_one_new_folder_do_not_hinder_each_other(store: Store) -> None:
    barrier = Barrier(THREADS)

    def put(number: int) -> None:
        barrier.wait()
        store.put(f"assets/new/video/720/{number}.m4s", b"%d" % number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(put, range(THREADS)))
    assert len(list(store.list_keys("assets/new/"))) == THREADS


def test_finished_file_is_taken_over(store: Store, tmp_path: Path) -> None:
    store.put_file("assets/a/video/1.m4s", finished_file(tmp_path, b"segment"))
    assert store.get("assets/a/video/1.m4s") == b"segment"


def test_finished_file_replaces_an_object(store: Store, tmp_path: Path) -> None:
    store.put("assets/a/1", b"old")
    store.put_file("assets/a/1", finished_file(tmp_path, b"new"))
    assert store.get("assets/a/1") == b"new"


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [
        pytest.param(0, 10, b"0123456789", id="whole"),
        pytest.param(2, 3, b"234", id="middle"),
        pytest.param(9, 1, b"9", id="last byte"),
        pytest.param(8, 100, b"89", id="past the end"),
        pytest.param(10, 1, b"", id="at the end"),
        pytest.param(99, 1, b"", id="beyond the end"),
        pytest.param(0, 0, b"", id="nothing"),
    ],
)
def test_range_is_read(store: Store, offset: int, length: int, expected: bytes) -> None:
    store.put("videos/a", b"0123456789")
    assert store.get_range("videos/a", offset, length) == expected


def test_open_object_can_be_read_anywhere(store: Store) -> None:
    store.put("videos/a", b"0123456789")
    with store.open("videos/a") as file:
        assert file.seek(-3, 2) == 7
        assert file.read() == b"789"
        assert file.seek(0) == 0
        assert file.read(2) == b"01"
        assert not file.writable()


def test_open_object_stays_what_it_was(store: Store) -> None:
    store.put("videos/a", b"before")
    with store.open("videos/a") as file:
        store.put("videos/a", b"after!")
        assert file.read() == b"before"


@pytest.mark.parametrize("key", ["videos/none", "videos", "videos/a/below", "videos/a/b/c"])
def test_missing_object_is_missing(store: Store, key: str) -> None:
    """A folder is none, and nothing is below an object."""
    store.put("videos/a", b"x")
    assert not store.exists(key)
    with pytest.raises(ObjectMissing):
        store.get(key)
    with pytest.raises(ObjectMissing):
        store.get_range(key, 0, 1)
    with pytest.raises(ObjectMissing):
        store.open(key)
    with pytest.raises(ObjectMissing):
        store.size(key)
    store.delete(key)
    assert store.get("videos/a") == b"x"


def test_keys_are_listed_in_order(store: Store) -> None:
    keys = ["assets/a/asset.json", "assets/a/b/c", "assets/a/b-c", "assets/a/z/1", "assets/a/z/10"]
    for key in [*keys, "assets/ab/other", "assets/b/other"]:
        store.put(key, b"")
    assert list(store.list_keys("assets/a/")) == sorted(keys)


def test_folders_are_listed_in_order_and_once(store: Store) -> None:
    for key in ("assets/b/1", "assets/a/video/1", "assets/a/asset.json", "assets/x", "work/c/1"):
        store.put(key, b"")
    assert list(store.list_folders("assets/")) == ["a", "b"]
    assert list(store.list_folders("assets/a/")) == ["video"]


def test_folder_whose_objects_were_deleted_is_not_listed(store: Store) -> None:
    store.put("work/a/1", b"")
    store.delete_prefix("work/a/")
    assert list(store.list_folders("work/")) == []


def test_store_says_how_much_more_it_holds(store: Store) -> None:
    free = store.free_bytes()
    assert free is None or free > 0


def test_nothing_is_listed_where_nothing_is(store: Store) -> None:
    store.put("assets/a", b"")
    assert list(store.list_folders("assets/none/")) == []
    assert list(store.list_folders("assets/a/")) == []
    assert list(store.list_keys("assets/none/")) == []
    assert list(store.list_keys("assets/a/")) == []


def test_deleted_object_is_gone_and_its_neighbour_stays(store: Store) -> None:
    store.put("videos/a", b"")
    store.put("videos/b", b"")
    store.delete("videos/a")
    assert list(store.list_keys("videos/")) == ["videos/b"]


def test_deleting_what_is_not_there_is_no_error(store: Store) -> None:
    store.delete("videos/none")
    store.delete_prefix("assets/none/")


def test_prefix_is_deleted_and_its_neighbours_stay(store: Store) -> None:
    for key in ("assets/a/asset.json", "assets/a/video/1", "assets/ab/1", "assets/b/1"):
        store.put(key, b"")
    store.delete_prefix("assets/a/")
    assert list(store.list_keys("assets/")) == ["assets/ab/1", "assets/b/1"]


def test_prefix_can_be_written_again_after_it_was_deleted(store: Store) -> None:
    store.put("work/a/1", b"")
    store.delete_prefix("work/a/")
    store.put("work/a/1", b"again", create=True)
    assert store.get("work/a/1") == b"again"


@pytest.mark.parametrize(
    "key", ["", "../x", "/etc/passwd", "a/../../x", ".incoming/x", "a//b", "a\0"]
)
def test_key_that_leads_elsewhere_is_refused(store: Store, tmp_path: Path, key: str) -> None:
    path = finished_file(tmp_path, b"x")
    for refuse in (store.get, store.open, store.size, store.exists, store.delete):
        with pytest.raises(PathInvalid):
            refuse(key)
    with pytest.raises(PathInvalid):
        store.get_range(key, 0, 1)
    with pytest.raises(PathInvalid):
        store.put(key, b"")
    with pytest.raises(PathInvalid):
        store.put_file(key, path)
    assert path.exists()


@pytest.mark.parametrize("prefix", ["", "/", "assets", "../", "a/../", "/etc/", ".incoming/"])
def test_prefix_that_leads_elsewhere_is_refused(store: Store, prefix: str) -> None:
    with pytest.raises(PathInvalid):
        store.list_keys(prefix)
    with pytest.raises(PathInvalid):
        store.list_folders(prefix)
    with pytest.raises(PathInvalid):
        store.delete_prefix(prefix)

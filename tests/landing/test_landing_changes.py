"""Only what changed is landed; what is gone leaves a tombstone; the order of rows and files is nothing."""

from __future__ import annotations

import itertools
import random
from datetime import datetime

import duckdb
import pytest

from funnel.errors import InputError, UsageError
from funnel.landing import read_loads

at = datetime.fromisoformat
HEAD = "id,status,score,changed_at\n"
VERSIONS = (
    "select id, status, load_id, load_number, observed_at, is_tombstone from shop.lead_version "
    "order by load_number, id"
)


def test_only_new_and_changed_rows_are_landed_and_each_is_stamped_with_its_load(shop):
    shop.file("lead.csv", HEAD + "1,New,,\n2,New,5,\n3,New,,\n")
    shop.land(on="2026-01-05")
    shop.file("lead.csv", HEAD + "3,New,,\n4,New,,\n2,Won,5,\n1,New,,\n")
    load = shop.land(on="2026-01-12")
    assert [tuple(row.values()) for row in load.summary] == [("lead", "lead.csv", 4, 2, 0, 0)]
    first, second = (
        ("0001-20260105T000000Z", 1, at("2026-01-05")),
        ("0002-20260112T000000Z", 2, at("2026-01-12")),
    )
    assert shop.rows(VERSIONS) == [
        ("1", "New", *first, False),
        ("2", "New", *first, False),
        ("3", "New", *first, False),
        ("2", "Won", *second, False),
        ("4", "New", *second, False),
    ]
    assert shop.leads() == [("1", "New"), ("2", "Won"), ("3", "New"), ("4", "New")]
    assert shop.leads(known_at="2026-01-11") == [("1", "New"), ("2", "New"), ("3", "New")]
    assert shop.leads(known_at="2026-01-12") == shop.leads()


def test_a_row_gone_from_a_full_export_leaves_a_tombstone_and_may_come_back(shop):
    for day, rows in [("05", "1,New,,\n2,New,,\n"), ("12", "1,New,,\n"), ("19", "1,New,,\n2,New,,\n")]:
        shop.file("lead.csv", HEAD + rows)
        shop.land(on=f"2026-01-{day}")
    sql = "select id, status, observed_at, is_tombstone from shop.lead_version where id = '2'"
    assert shop.rows(f"{sql} order by load_number") == [
        ("2", "New", at("2026-01-05"), False),
        ("2", None, at("2026-01-12"), True),
        ("2", "New", at("2026-01-19"), False),
    ]
    assert shop.leads(known_at="2026-01-13") == [("1", "New")]
    assert shop.leads() == [("1", "New"), ("2", "New")]


def test_a_row_gone_from_an_incremental_export_stays(shop):
    shop.file("visit.csv", "lead_id,day,pages\n1,2026-01-01,3\n1,2026-01-02,4\n")
    shop.land(on="2026-01-05")
    shop.file("visit.csv", "lead_id,day,pages\n1,2026-01-02,5\n1,2026-01-03,6\n")
    assert shop.land(on="2026-01-12").tables[0].n_tombstones == 0
    assert shop.rows("select cast(day as varchar), pages from shop.visit order by day") == [
        ("2026-01-01", 3),
        ("2026-01-02", 5),
        ("2026-01-03", 6),
    ]


def test_a_table_left_out_of_an_export_is_left_as_it_is(shop):
    shop.file("lead.csv", HEAD + "1,New,,\n")
    visit = shop.file("visit.csv", "lead_id,day\n1,2026-01-01\n")
    shop.land(on="2026-01-05")
    shop.file("lead.csv", HEAD + "1,Won,,\n")
    visit.unlink()
    shop.land(on="2026-01-12")
    assert shop.leads() == [("1", "Won")]
    assert shop.rows("select count(*) from shop.visit") == [(1,)]


def test_a_row_that_can_no_longer_be_read_is_not_gone(shop):
    shop.file("lead.csv", HEAD + "1,New,1,\n2,New,2,\n3,New,3,\n4,New,4,\n5,New,5,\n")
    shop.land(on="2026-01-05")
    shop.file("lead.csv", HEAD + "1,Won,1,\n2,New,x,\n3,New\n5,New,5,\n")
    load = shop.land(on="2026-01-12")
    assert (load.tables[0].n_changed, load.tables[0].n_tombstones, load.tables[0].n_rejects) == (1, 1, 2)
    assert shop.leads() == [("1", "Won"), ("2", "New"), ("3", "New"), ("5", "New")]


def test_the_same_files_twice_land_nothing_on_the_same_day_and_later(shop):
    shop.file("lead.csv", HEAD + "1,New,,\n2,x,y,\n")
    first = shop.land(on="2026-01-05")
    before = {name: (shop.project.landed / "shop" / name).read_bytes() for name in shop.landed_files()}
    again, later = shop.land(on="2026-01-05"), shop.land(on="2026-01-12")
    assert (first.is_new, again.is_new, later.is_new) == (True, False, False)
    assert {
        name: (shop.project.landed / "shop" / name).read_bytes() for name in shop.landed_files()
    } == before
    assert len(read_loads(shop.project, "shop")) == 1


def test_other_files_with_the_same_rows_land_nothing(shop):
    shop.file("lead.csv", HEAD + '1,New,5,\n2,Won,7,\n3,"New",,\n4,a,y,\n')
    shop.land(on="2026-01-05")
    shop.file("lead.csv", "score,id,status\n5.0,1,New\n7,2,Won\n")
    shop.file("leads_2.csv", HEAD + " 3 ,New,,\n4,a,y,\n")
    assert shop.land(on="2026-01-12").is_new is False
    assert len(read_loads(shop.project, "shop")) == 1


def test_a_script_that_lands_all_exports_in_order_may_be_run_again(shop):
    old, new = shop.exports / "old", shop.exports / "new"
    shop.file("old/lead.csv", HEAD + "1,New,,\n")
    shop.file("new/lead.csv", HEAD + "1,Won,,\n")
    for _ in range(2):
        shop.land(old, on="2026-01-05")
        shop.land(new, on="2026-01-12")
    assert [load.load_id for load in read_loads(shop.project, "shop")] == [
        "0001-20260105T000000Z",
        "0002-20260112T000000Z",
    ]


def test_loads_that_come_out_of_order_are_refused(shop):
    shop.file("lead.csv", HEAD + "1,New,,\n")
    shop.land(on="2026-01-12T00:00:00")
    shop.file("lead.csv", HEAD + "1,Won,,\n")
    with pytest.raises(UsageError, match=r"observed at 2026-01-11 23:59:59 UTC, before the last load"):
        shop.land(on="2026-01-11T23:59:59")
    assert shop.land(on="2026-01-12T00:00:00").is_new
    assert shop.leads() == [("1", "Won")]


def test_an_instant_with_offset_is_taken_as_utc(shop):
    shop.file("lead.csv", HEAD + "1,New,,\n")
    assert shop.land(on="2026-01-05T01:00:00+02:00").observed_at == at("2026-01-04 23:00:00")


def test_a_load_may_have_a_name_of_its_own(shop):
    shop.file("lead.csv", HEAD + "1,New,,\n")
    assert shop.land(load_id="week-2").load_id == "week-2"
    assert shop.landed_files() == ["lead/week-2.parquet", "manifest.json"]
    shop.file("lead.csv", HEAD + "1,Won,,\n")
    with pytest.raises(UsageError, match="already has a load 'week-2'"):
        shop.land(load_id="week-2")
    with pytest.raises(UsageError, match=r"'\.\./x' cannot name a load"):
        shop.land(load_id="../x")


# Duplicates


def test_equal_rows_collapse_without_a_word(shop):
    shop.file("lead.csv", HEAD + "1,New,5,\n1,New,5.0,\n1, New ,5,\n")
    assert shop.land().tables[0].n_rejects == 0
    assert shop.leads() == [("1", "New")]


def test_of_different_rows_with_one_key_the_newest_is_kept_then_the_greatest_text(shop):
    shop.file(
        "lead.csv",
        HEAD + "1,Old,9,2026-01-01 10:00:00\n1,Newest,1,2026-01-03 10:00:00\n1,Undated,9,\n"
        "2,a,5,\n2,b,5,\n3,x,1,\n4,x,1,\n5,x,1,\n",
    )
    shop.land()
    assert shop.leads("id, status") == [("1", "Newest"), ("2", "b"), ("3", "x"), ("4", "x"), ("5", "x")]
    assert [(line, reason, raw) for _, line, reason, raw in shop.rejects()] == [
        (2, "the key 1 comes more than once; another row of it was kept", "1,Old,9,2026-01-01 10:00:00"),
        (4, "the key 1 comes more than once; another row of it was kept", "1,Undated,9,"),
        (5, "the key 2 comes more than once; another row of it was kept", "2,a,5,"),
    ]


def test_a_wrong_key_that_would_drop_most_rows_stops_the_load(shop):
    shop.source(replaced=("key: [id]", "key: [status]"))
    shop.file("lead.csv", HEAD + "".join(f"{i},New,,\n" for i in range(9)))
    with pytest.raises(InputError, match=r"8 of 9 rows .* the key New comes more than once"):
        shop.land()


def test_a_key_of_several_columns_is_told_apart_by_all_of_them(shop):
    shop.file(
        "visit.csv", "lead_id,day,pages\n1,2026-01-01,1\n1,2026-01-02,1\n2,2026-01-01,1\n2,2026-01-01,2\n"
    )
    load = shop.land()
    assert (load.tables[0].n_changed, load.tables[0].n_rejects) == (3, 1)
    assert shop.rejects()[0][2] == "the key 2, 2026-01-01 comes more than once; another row of it was kept"


# Order


ROWS = [
    "1,New,5,2026-01-01 10:00:00",
    "1,New,6,2026-01-01 10:00:00",
    "1,New,6,2026-01-01 09:00:00",
    "2,Won,,",
    "2,Won,,",
    "2,Lost,,",
    '3,"a, b",7,',
    "4,x,y,",
    "5,,1,2026-01-05 00:00:00",
    "6,,1,",
    "7,,1,",
    "8,,1,",
]


def landed_rows(shop) -> list[tuple]:
    with duckdb.connect() as con:
        files = str(shop.project.landed / "shop" / "lead" / "*.parquet")
        return con.execute("select * from read_parquet(?)", [files]).fetchall()


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_rows_and_columns_and_their_split_over_files_does_not_matter(shop, tmp_path, seed):
    shop.file("lead.csv", HEAD + "\n".join(sorted(ROWS)) + "\n")
    shop.land()
    expected, kept = landed_rows(shop), shop.leads("*")
    reasons = sorted(reason for _, _, reason, _ in shop.rejects())
    bytes_before = (shop.project.landed / "shop" / "lead" / "0001-20260105T000000Z.parquet").read_bytes()

    for path in itertools.chain(shop.exports.iterdir(), (shop.project.landed / "shop").rglob("*.*")):
        if path.is_file():
            path.unlink()
    chance = random.Random(seed)
    rows = chance.sample(ROWS, len(ROWS))
    cut = chance.randrange(1, len(rows))
    shop.file("lead_1.csv", HEAD + "\n".join(rows[:cut]) + "\n")
    turned = [",".join([*row.rsplit(",", 2)[1:], row.rsplit(",", 2)[0]]) for row in rows[cut:]]
    shop.file("lead_2.csv", "score,changed_at,id,status\n" + "\n".join(turned) + "\n")
    shop.land()
    assert landed_rows(shop) == expected
    assert shop.leads("*") == kept
    assert sorted(reason for _, _, reason, _ in shop.rejects()) == reasons
    assert (shop.project.landed / "shop/lead/0001-20260105T000000Z.parquet").read_bytes() == bytes_before


# What tells a full export from a broken one


def test_a_full_export_that_lost_more_than_half_of_its_rows_is_refused_on_the_stroke(shop):
    shop.file("lead.csv", HEAD + "1,,,\n2,,,\n3,,,\n4,,,\n")
    shop.land(on="2026-01-05")
    shop.file("lead.csv", HEAD + "1,,,\n")
    with pytest.raises(InputError, match=r"3 of the 4 rows known of shop\.lead are not in this export"):
        shop.land(on="2026-01-12")
    shop.file("lead.csv", HEAD + "1,,,\n2,,,\n")
    assert shop.land(on="2026-01-12").tables[0].n_tombstones == 2


def test_an_incremental_export_without_rows_says_that_there_is_nothing_new(shop):
    shop.file("visit.csv", "lead_id,day,pages\n")
    assert shop.land(on="2026-01-05").is_new
    assert shop.rows("select * from shop.visit") == []
    shop.file("visit.csv", "day,lead_id\n")
    assert shop.land(on="2026-01-12").is_new is False


# Columns that come and go


def test_a_column_may_come_later_and_is_null_before(shop):
    shop.file("lead.csv", "id,status\n1,New\n2,New\n")
    shop.land(on="2026-01-05")
    shop.file("lead.csv", "id,status,region\n1,New,EMEA\n2,New,\n")
    assert shop.land(on="2026-01-12").tables[0].n_changed == 1
    assert shop.leads("id, region") == [("1", "EMEA"), ("2", None)]
    assert shop.leads("id, score", known_at="2026-01-05") == [("1", None), ("2", None)]


def test_a_column_that_is_dropped_from_the_export_is_null_from_then_on(shop):
    shop.file("lead.csv", "id,status,region\n1,New,EMEA\n2,New,\n")
    shop.land(on="2026-01-05")
    shop.file("lead.csv", "id,status\n1,New\n2,New\n")
    assert shop.land(on="2026-01-12").tables[0].n_changed == 1
    assert shop.leads("id, region") == [("1", None), ("2", None)]

"""Which buckets are emptied, in what pieces, and what stays because it is locked."""

from datetime import UTC, datetime

import pytest

from activities.environments.buckets import Buckets, Emptying
from tests.activities.environments.lists import a_stack, listed, no_stack
from tests.activities.environments.stubs import HELD, OURS, PREVIEW, ScriptedPace, stubs, tags
from workflows.domain.errors import Refused, Unavailable
from workflows.ports.environments import Emptied, EmptyBuckets

UNTIL = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
TAGGING = "resourcegroupstaggingapi"


def empty(script, pace=None):
    ask = EmptyBuckets(environment="pr-7", provider=PREVIEW)
    return Buckets(script).empty(ask, pace or ScriptedPace())


def tagged(script, *names, token=""):
    found = [{"ResourceARN": f"arn:aws:s3:::{name}", "Tags": tags(OURS)} for name in names]
    script.answers(
        TAGGING, "get_resources", {"ResourceTagMappingList": found, "PaginationToken": token}
    )


def owned(script, given):
    if given is None:
        script.fails("s3", "get_bucket_tagging", "NoSuchBucket", status=404)
    elif given:
        script.answers("s3", "get_bucket_tagging", {"TagSet": tags(given)})
    else:
        script.fails("s3", "get_bucket_tagging", "NoSuchTagSet", status=404)


def versions(*keys, markers=()):
    return {
        "Versions": [{"Key": key, "VersionId": f"v-{key}"} for key in keys],
        "DeleteMarkers": [{"Key": key, "VersionId": f"m-{key}"} for key in markers],
    }


def objects(*pairs):
    return {"Objects": [{"Key": k, "VersionId": v} for k, v in pairs], "Quiet": True}


def holds(script, *batches):
    """The bucket has no unfinished upload, and these versions, until they are deleted."""
    script.answers("s3", "list_multipart_uploads", {})
    for batch in batches:
        script.answers("s3", "list_object_versions", batch)
        script.answers("s3", "delete_objects", {})
    script.answers("s3", "list_object_versions", {})


def test_versions_and_markers_go_a_batch_at_a_time_from_the_beginning_of_what_is_left():
    pace = ScriptedPace()
    with stubs() as script:
        no_stack(script)
        tagged(script, "uploads")
        owned(script, OURS)
        script.answers("s3", "list_multipart_uploads", {}, Bucket="uploads", MaxUploads=1000)
        first, second = versions("a", "b"), versions(markers=["c"])
        script.answers("s3", "list_object_versions", first, Bucket="uploads", MaxKeys=1000)
        gone = objects(("a", "v-a"), ("b", "v-b"))
        script.answers("s3", "delete_objects", {}, Bucket="uploads", Delete=gone)
        script.answers("s3", "list_object_versions", second, Bucket="uploads", MaxKeys=1000)
        gone = objects(("c", "m-c"))
        script.answers("s3", "delete_objects", {}, Bucket="uploads", Delete=gone)
        script.answers("s3", "list_object_versions", {})

        emptied = empty(script, pace)

    assert emptied.buckets == {"uploads": 3}
    assert pace.beats == ['{"buckets":{"uploads":2}}', '{"buckets":{"uploads":3}}']


def test_unfinished_uploads_are_aborted_also_if_somebody_was_faster():
    uploads = [{"Key": "big", "UploadId": "1"}, {"Key": "big", "UploadId": "2"}]
    with stubs() as script:
        script.answers("s3", "list_multipart_uploads", {"Uploads": uploads})
        script.answers("s3", "abort_multipart_upload", Bucket="b", Key="big", UploadId="1")
        script.fails("s3", "abort_multipart_upload", "NoSuchUpload", status=404)
        script.answers("s3", "list_multipart_uploads", {})
        script.answers("s3", "list_object_versions", {})
        counts: dict[str, int] = {}

        Emptying(script("s3"), "b", counts, ScriptedPace()).run()

    assert counts == {"b": 2}


def test_a_successor_goes_on_and_tells_what_all_have_removed():
    pace = ScriptedPace()
    pace.left = Emptied(buckets={"uploads": 1000, "done": 3}).model_dump_json()
    with stubs() as script:
        no_stack(script)
        tagged(script, "uploads")
        owned(script, OURS)
        holds(script, versions("a"))

        assert empty(script, pace).buckets == {"uploads": 1001, "done": 3}


def test_a_bucket_of_the_stack_is_emptied_without_tags_and_one_of_nobody_is_not():
    with stubs() as script:
        a_stack(script, listed("Uploads", "AWS::S3::Bucket", "of-stack"))
        tagged(script, "late", token="2")
        tagged(script, "of-stack")
        owned(script, {})  # the one that is tagged no more
        owned(script, {})  # the one of the stack
        holds(script, versions("a"))

        assert empty(script).buckets == {"of-stack": 1}


@pytest.mark.parametrize("now", [{"lockgate:environment": "pr-8"}, None])
def test_a_bucket_that_is_gone_or_another_environments_is_left_alone(now):
    with stubs() as script:
        a_stack(script, listed("Uploads", "AWS::S3::Bucket", "uploads"))
        tagged(script)
        owned(script, now)

        assert empty(script).buckets == {}


def test_a_held_bucket_is_refused_before_any_is_touched():
    with stubs() as script:
        no_stack(script)
        tagged(script, "a", "b")
        owned(script, OURS)
        owned(script, HELD)

        with pytest.raises(Refused, match="bucket b is held: an auditor asks"):
            empty(script)


def test_a_bucket_that_goes_meanwhile_is_empty():
    with stubs() as script:
        script.answers("s3", "list_multipart_uploads", {})
        script.fails("s3", "list_object_versions", "NoSuchBucket", status=404)

        Emptying(script("s3"), "b", {}, ScriptedPace()).run()


def refusing(script, error, *, hold=None, retention=None):
    """The one version of the bucket cannot be deleted, and its lock is asked for."""
    script.answers("s3", "list_multipart_uploads", {})
    script.answers("s3", "list_object_versions", versions("a"))
    told = {"Errors": [{"Key": "a", "VersionId": "v-a", "Message": "no", **error}]}
    script.answers("s3", "delete_objects", told)
    for call, key, answer in (
        ("get_object_legal_hold", "LegalHold", hold),
        ("get_object_retention", "Retention", retention),
    ):
        if answer is None:
            script.fails("s3", call, "NoSuchObjectLockConfiguration", status=404)
        else:
            script.answers("s3", call, {key: answer}, Bucket="b", Key="a", VersionId="v-a")


def test_retention_is_told_with_bucket_key_and_its_end():
    kept = {"Mode": "COMPLIANCE", "RetainUntilDate": UNTIL}
    with stubs() as script:
        refusing(script, {"Code": "AccessDenied"}, hold={"Status": "OFF"}, retention=kept)

        with pytest.raises(Refused) as refused:
            Emptying(script("s3"), "b", {}, ScriptedPace()).run()

    assert str(refused.value).startswith(
        "b/a (version v-a) is kept by Object Lock: retention in mode COMPLIANCE until "
        "2027-01-02T03:04:05Z"
    )


def test_a_refusal_that_is_no_lock_is_told_as_it_is():
    with stubs() as script:
        refusing(script, {"Code": "AccessDenied"})

        with pytest.raises(Refused, match="s3 delete b/a: AccessDenied: no"):
            Emptying(script("s3"), "b", {}, ScriptedPace()).run()


def test_a_version_whose_lock_is_gone_with_it_is_told_as_it_was_refused():
    with stubs() as script:
        script.answers("s3", "list_multipart_uploads", {})
        script.answers("s3", "list_object_versions", versions("a"))
        told = {"Errors": [{"Key": "a", "Code": "AccessDenied", "Message": "no"}]}
        script.answers("s3", "delete_objects", told)
        script.fails("s3", "get_object_legal_hold", "NoSuchKey", status=404)
        script.fails("s3", "get_object_retention", "NoSuchKey", status=404)

        with pytest.raises(Refused, match="s3 delete b/a: AccessDenied"):
            Emptying(script("s3"), "b", {}, ScriptedPace()).run()


def test_what_s3_cannot_delete_just_now_is_tried_again():
    with stubs() as script:
        script.answers("s3", "list_multipart_uploads", {})
        script.answers("s3", "list_object_versions", versions("a"))
        told = {"Errors": [{"Key": "a", "Code": "InternalError", "Message": "sorry"}]}
        script.answers("s3", "delete_objects", told)

        with pytest.raises(Unavailable, match="s3 delete b/a: InternalError"):
            Emptying(script("s3"), "b", {}, ScriptedPace()).run()


def test_what_is_listed_although_it_was_deleted_is_not_deleted_for_ever():
    with stubs() as script:
        script.answers("s3", "list_multipart_uploads", {})
        script.answers("s3", "list_object_versions", versions("a"))
        script.answers("s3", "delete_objects", {})
        script.answers("s3", "list_object_versions", versions("a"))

        with pytest.raises(Unavailable, match="still lists 1 versions in b that it deleted"):
            Emptying(script("s3"), "b", {}, ScriptedPace()).run()


def test_an_upload_that_is_listed_although_it_was_aborted_is_not_aborted_for_ever():
    uploads = {"Uploads": [{"Key": "big", "UploadId": "1"}]}
    with stubs() as script:
        script.answers("s3", "list_multipart_uploads", uploads)
        script.answers("s3", "abort_multipart_upload", {})
        script.answers("s3", "list_multipart_uploads", uploads)

        with pytest.raises(Unavailable, match="still lists 1 uploads to b that it aborted"):
            Emptying(script("s3"), "b", {}, ScriptedPace()).run()

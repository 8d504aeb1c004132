from datetime import UTC, datetime

from activities.metrics.cloudwatch_api import CloudWatchApi, Question

START = 1_700_000_040.0


class Client:
    """Answers every question with 1 for the first period, and notes how many came at once."""

    def __init__(self):
        self.asked = []

    def get_metric_data(self, *, MetricDataQueries, **_):  # noqa: N803 - as boto3's
        self.asked.append(len(MetricDataQueries))
        return {
            "MetricDataResults": [
                {
                    "Id": query["Id"],
                    "StatusCode": "Complete",
                    "Timestamps": [datetime.fromtimestamp(START, UTC)],
                    "Values": [1.0],
                }
                for query in MetricDataQueries
            ]
        }


def question(number):
    return Question("Shop", f"metric{number}", (("arm", "a-1"),), "Sum")


def test_more_questions_than_aws_takes_are_asked_one_load_after_the_other():
    client = Client()
    questions = [question(number) for number in range(501)]

    found = CloudWatchApi(lambda: client, period=60).ask(
        questions, start=START, end=START + 60, warnings=[]
    )

    assert client.asked == [500, 1]
    assert found == {each: {START: 1.0} for each in questions}


def test_nothing_to_ask_is_not_asked():
    client = Client()

    assert CloudWatchApi(lambda: client, period=60).ask([], start=0, end=60, warnings=[]) == {}
    assert client.asked == []


def test_a_question_reads_as_people_write_a_metric():
    assert str(question(1)) == "Sum of Shop/metric1{arm=a-1}"

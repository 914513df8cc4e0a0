"""Samples each night's images with SampleJob, through Airflow's SparkSubmitOperator.

The logical date of a run is its sample.run-date, so a run that is cleared or backfilled later makes the images of its own
day. A run that is triggered without a logical date, which Airflow 3 allows, is for the day on which it is triggered.
Each day gets its own images, because conf/schedule.conf sets sample.seed = run-date. Starting a run again is safe: complete
files stay as they are, and missing ones are made.
"""

import os
import re
from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.timetables.interval import CronDataIntervalTimetable

# {{ ds }} is undefined if a run has no logical date.
RUN_DATE = "{{ (dag_run.logical_date or dag_run.run_after).strftime('%Y-%m-%d') }}"

HOME = os.environ.get("FLOW_MATCHING_HOME", "/opt/flow-matching")


OPTION = re.compile(r"(spark\.[^\s=:]+)\s*[\s=:]\s*([^\s=:].*)")


def options(*files):
    """Returns the options of Spark's properties files as the dictionary that the operator takes.

    Raises ValueError at a line that is not an option, because spark-submit would read it differently or ignore it.
    """
    found = {}
    for file in files:
        with open(file, encoding="utf-8") as text:
            lines = enumerate(text, start=1)
            for number, line in lines:
                line = line.strip()
                if not line or line[0] in "#!":
                    continue
                while line.endswith("\\"):
                    line = line[:-1] + next(lines, (number, ""))[1].strip()
                option = OPTION.fullmatch(line)
                if not option or "\\" in line:
                    raise ValueError(
                        f"{file}, line {number} is {line!r}: it must be an option and its value, such as 'spark.executor.cores 2', "
                        "with a backslash only before a line break; a comment begins with #."
                    )
                found[option[1]] = option[2]
    return found


with DAG(
    dag_id="flow_matching_samples",
    description="Draws images from a trained network each night",
    # Runs are for the day before they start, in Airflow 2 and 3; the meaning of a bare cron expression changed in between.
    schedule=CronDataIntervalTimetable("15 2 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # Two runs of one day would do no harm, but would do the work twice.
    max_active_runs=1,
    default_args={
        # Exit codes 2 and 4 recur on each retry; 1 and 3 may mean that a store or a cluster was unavailable.
        "retries": 2,
        "retry_delay": timedelta(minutes=30),
        "execution_timeout": timedelta(hours=6),
    },
) as dag:
    SparkSubmitOperator(
        task_id="sample",
        conn_id="spark_default",
        name=f"flow matching: samples {RUN_DATE}",
        application=f"{HOME}/target/flow-matching.jar",
        java_class="SampleJob",
        conf=options(f"{HOME}/conf/sample.properties", f"{HOME}/conf/object-storage.properties"),
        application_args=[
            "--config",
            f"{HOME}/conf/schedule.conf",
            "--config",
            "s3a://flow-matching/nightly.conf",
            f"sample.run-date={RUN_DATE}",
        ],
    )

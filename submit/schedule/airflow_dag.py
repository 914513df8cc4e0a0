"""Samples each night's images with SampleJob, through Airflow's SparkSubmitOperator.

The logical date of a run is its sample.run-date, so that a run that is cleared or filled in later makes the images of its
own day. A run that is triggered without a logical date, which Airflow 3 allows, is for the day on which it is triggered.
Each day has images of its own, since conf/schedule.conf has sample.seed = run-date. To start a run again is safe: what is
complete is left as it is, and what is missing is made.
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
    """The options of Spark's properties files, which the operator takes as a dictionary.

    Raises ValueError at a line that is no option, since spark-submit would read it in another way, or not at all.
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
    description="Images of a trained network, each night",
    # Its runs are for the day before they start, in Airflow 2 and 3; what a bare cron expression means changed in between.
    schedule=CronDataIntervalTimetable("15 2 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # Two runs of a day would do no harm, and the work twice.
    max_active_runs=1,
    default_args={
        # Exit codes 2 and 4 end alike each time; 1 and 3 may be a store or a cluster that was away.
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

"""Prints the spark-submit command of submit/schedule/airflow_dag.py for a run, each argument ended by NUL.

Usage: airflow_command.py DAG_FILE RUN_AFTER [LOGICAL_DATE]: times such as 2026-11-25T02:15. Without a logical date the run is
one that Airflow 3 triggered without it. A template is an expression that means the same in Jinja and in Python. Airflow itself is not needed: the modules that the file imports are made here, with
an operator that knows the parameters of SparkSubmitOperator (apache-airflow-providers-apache-spark) that such a command has.
"""

import re
import sys
import types
from datetime import datetime

RUN_AFTER, *LOGICAL_DATE = map(datetime.fromisoformat, sys.argv[2:])
CONTEXT = {"dag_run": types.SimpleNamespace(run_after=RUN_AFTER, logical_date=LOGICAL_DATE[0] if LOGICAL_DATE else None)}


def rendered(text):
    return re.sub(r"{{(.*?)}}", lambda template: eval(template[1].strip(), {}, CONTEXT), text)


class Dag:
    def __init__(self, *, dag_id, description, schedule, start_date, catchup, max_active_runs, default_args):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        pass


class SparkSubmitOperator:
    def __init__(self, *, task_id, conn_id, name, application, java_class, conf, application_args):
        command = ["--name", name, "--class", java_class]
        for key, value in conf.items():
            command += ["--conf", f"{key}={value}"]
        command += [application, *application_args]
        print("\0".join(rendered(text) for text in command), end="\0")


def module(name, **members):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)


class CronDataIntervalTimetable:
    def __init__(self, cron, timezone):
        pass


module("airflow", DAG=Dag)
module("airflow.timetables")
module("airflow.timetables.interval", CronDataIntervalTimetable=CronDataIntervalTimetable)
for parent in ("airflow.providers", "airflow.providers.apache", "airflow.providers.apache.spark"):
    module(parent)
module("airflow.providers.apache.spark.operators")
module("airflow.providers.apache.spark.operators.spark_submit", SparkSubmitOperator=SparkSubmitOperator)
with open(sys.argv[1], encoding="utf-8") as file:
    exec(compile(file.read(), sys.argv[1], "exec"))

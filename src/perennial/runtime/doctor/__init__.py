"""The doctor asks a running workspace whether everything that must always hold does hold."""

from perennial.runtime.doctor.model import Check, Diagnosis
from perennial.runtime.doctor.ports import LogExam, RecordsExam
from perennial.runtime.doctor.service import Doctor

__all__ = ["Check", "Diagnosis", "Doctor", "LogExam", "RecordsExam"]

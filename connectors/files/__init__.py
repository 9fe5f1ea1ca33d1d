"""The file connector: rows of CSV, Excel and JSON Lines files to items of a submission batch.

profile = load_profile("penalty-2018")
context = context_for(profile, source_id="local", source_name="本机", now=datetime.now(UTC), screen=Screen(…))
for submission in submissions(path, profile, context): ...
"""

from connectors.files.context import Context, context_for
from connectors.files.errors import (
    BadProfile,
    BadSetting,
    FileError,
    NoHeader,
    UnknownProfile,
    UnknownSetting,
    UnreadableFile,
)
from connectors.files.first_rows import AllRefused, unless_all_refused
from connectors.files.forms import LEFT_OUT, Notes
from connectors.files.mapping import map_row
from connectors.files.outcome import Mapped, MappedRow, Refused
from connectors.files.profile import Profile
from connectors.files.profile_loader import load_profile, shipped
from connectors.files.readers import SUFFIXES, read_rows
from connectors.files.reading import ReadFile, ReadRow, read_file
from connectors.files.refused_form import BadForm, Why, Written, check_form, write_form
from connectors.files.required import FieldLacking, lacking
from connectors.files.rows import BrokenRow, Row
from connectors.files.screen import Screen
from connectors.files.spool import ActsSaid, NoRoom, RowPlace
from connectors.files.submit_items import Said, Submission, items_of, row_items, submissions

__all__ = [
    "LEFT_OUT",
    "SUFFIXES",
    "ActsSaid",
    "AllRefused",
    "BadForm",
    "BadProfile",
    "BadSetting",
    "BrokenRow",
    "Context",
    "FieldLacking",
    "FileError",
    "Mapped",
    "MappedRow",
    "NoHeader",
    "NoRoom",
    "Notes",
    "Profile",
    "ReadFile",
    "ReadRow",
    "Refused",
    "Row",
    "RowPlace",
    "Said",
    "Screen",
    "Submission",
    "UnknownProfile",
    "UnknownSetting",
    "UnreadableFile",
    "Why",
    "Written",
    "check_form",
    "context_for",
    "items_of",
    "lacking",
    "load_profile",
    "map_row",
    "read_file",
    "read_rows",
    "row_items",
    "shipped",
    "submissions",
    "unless_all_refused",
    "write_form",
]

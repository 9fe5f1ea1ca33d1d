"""The closed list of irregularities, each with its sentence in both languages. They are shown, and never drop a fact."""

from __future__ import annotations

from typing import Final

IRREGULARITIES: Final = {
    "no_prior_notice": "应事先告知而未告知 / notice was due and none is known between the previous decision and this one",
    "no_known_basis": "没有已知的依据行为 / no basis act that the log knows as made, of this subject",
    "basis_void": "依据行为全部自始无效 / all known basis acts are void",
    "ends_before_start": "移出早于列入 / it ends before it starts",
    "invalid_correction": "更正使行为无效，未生效 / a correction or restatement would leave the act invalid; it has no effect",
    "conflicting_sources": "其他单位的陈述与之不一致 / another source's latest statement differs",
    "identity_restated": "重新报送改动了识别该行为的内容，未生效 / a restatement changes what identifies the act; no effect there",
    "not_competent": "决定机关不在名单目录允许的类别内 / the authority is not of a class that may decide",
    "before_act": "后续陈述的日期早于行为本身 / a follow-up is dated before its act",
    "not_applicable": "该类行为不适用的后续陈述，未生效 / a follow-up that acts of this kind do not take; it has no effect",
}

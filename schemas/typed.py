"""The header and every event as wire.decode gives them: every field is there.

Written by ``python -m schemas.generate``: change the schemas in ``avsc/``, not this file.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict


class Header(TypedDict):
    """事件头：每个事件的第一个字段 / the first field of every event"""

    source_event_id: str | None
    """信息提供单位自己的陈述编号 / the source's own id of this statement"""
    act_id: str
    """行政行为标识：类别/机关/文号 / the act: kind / authority id / normalised document number"""
    subject_id: str
    """信用主体标识（统一社会信用代码，或 regno: / org: / person:） /
    the subject: USCC, or regno: / org: / person: id"""
    subject_name: str
    """信用主体名称（自然人为掩码） / the subject's name (a mask for a natural person)"""
    subject_kind: str
    """信用主体类别 / kind of subject"""
    authority_id: str
    """决定机关标识（统一社会信用代码或 name:名称） / who decided: USCC, or name: + name"""
    authority_name: str
    """决定机关名称 / name of the authority"""
    source_id: str
    """信息提供单位标识 / who pushes the event"""
    source_name: str
    """信息提供单位名称 / name of the source"""
    occurred_on: date
    """决定或发生日期（上海民用日期） / date of decision or occurrence (civil date, Asia/Shanghai)"""
    jurisdiction: str | None
    """行政区划代码（GB/T 2260，6位） / GB/T 2260 code, 6 digits"""
    legal_basis: list[str]
    """法律依据 / citations of the legal basis"""
    disclosure_exempt_basis: str | None
    """不予公示的法律依据 / legal ground for not disclosing"""
    imported: bool
    """是否历史数据导入 / history loaded when a source joined, whose disclosure nobody recorded"""
    submitted_at: datetime | None
    """信息提供单位的提交时间（UTC 毫秒） / the source's own time (UTC, milliseconds); nothing is computed from it"""
    sequence: int | None
    """信息提供单位的流水号 / the source's own running number"""


class SubjectRegistered(TypedDict):
    """信用主体登记 / an organisation is registered"""

    header: Header
    """事件头 / event header"""
    document_number: str | None
    """登记文书号 / document number of the registration"""
    registration_number: str | None
    """工商注册号 / business registration number"""
    organisation_code: str | None
    """组织机构代码 / organisation code (GB 11714)"""
    tax_number: str | None
    """税务登记号 / tax registration number"""
    institution_certificate_number: str | None
    """事业单位证书号 / public institution certificate number"""
    social_organisation_number: str | None
    """社会组织登记证号 / social organisation registration number"""
    legal_representative: str | None
    """法定代表人（掩码，如 张*） / legal representative, masked"""
    legal_representative_id: str | None
    """法定代表人化名（person:…） / pseudonym of the legal representative"""
    legal_representative_document_type: str | None
    """法定代表人证件类型 / document type of the legal representative"""
    registration_authority: str | None
    """登记机关 / registration authority, as the file says"""
    supervising_office: str | None
    """管辖单位 / supervising office"""
    registered_address: str | None
    """住所 / registered address of the organisation"""
    business_scope: str | None
    """经营范围 / business scope"""
    registration_state: str | None
    """登记状态 / state of the registration, as the file says"""
    remark: str | None
    """备注 / remark"""
    extra: dict[str, str]
    """没有对应字段的原始列 / source columns that have no field of their own"""


class LicenceGranted(TypedDict):
    """行政许可（双公示2018版） / an administrative licence is granted (double publicity standard, 2018)"""

    header: Header
    """事件头 / event header"""
    document_name: str | None
    """行政许可决定文书名称 / title of the decision document"""
    document_number: str | None
    """行政许可决定文书号 / number of the decision document"""
    registration_number: str | None
    """工商注册号 / business registration number"""
    organisation_code: str | None
    """组织机构代码 / organisation code (GB 11714)"""
    tax_number: str | None
    """税务登记号 / tax registration number"""
    institution_certificate_number: str | None
    """事业单位证书号 / public institution certificate number"""
    social_organisation_number: str | None
    """社会组织登记证号 / social organisation registration number"""
    subject_document_type: str | None
    """自然人证件类型（号码不入日志） / document type of a natural person (the number never enters the log)"""
    legal_representative: str | None
    """法定代表人（掩码，如 张*） / legal representative, masked"""
    legal_representative_id: str | None
    """法定代表人化名（person:…） / pseudonym of the legal representative"""
    legal_representative_document_type: str | None
    """法定代表人证件类型 / document type of the legal representative"""
    licence_category: str | None
    """许可类别 / licence category"""
    certificate_name: str | None
    """许可证书名称 / name of the certificate"""
    certificate_number: str | None
    """许可编号 / number of the certificate"""
    content: str | None
    """许可内容 / what is permitted"""
    valid_from: date | None
    """有效期自 / valid from"""
    valid_to: date | None
    """有效期至（空为长期） / valid to; null means open"""
    licence_state: str | None
    """当前状态 / state of the licence"""
    data_source_name: str | None
    """数据来源单位 / unit that the data came from, as the file says"""
    data_source_id: str | None
    """数据来源单位统一社会信用代码 / its USCC, as the file says"""
    remark: str | None
    """备注 / remark"""
    extra: dict[str, str]
    """没有对应字段的原始列 / source columns that have no field of their own"""


class PenaltyImposed(TypedDict):
    """行政处罚（双公示2018版） / an administrative penalty is imposed (double publicity standard, 2018)"""

    header: Header
    """事件头 / event header"""
    document_name: str | None
    """处罚名称（2016版） / name of the penalty (2016 version)"""
    document_number: str | None
    """行政处罚决定书文号 / number of the penalty decision"""
    registration_number: str | None
    """工商注册号 / business registration number"""
    organisation_code: str | None
    """组织机构代码 / organisation code (GB 11714)"""
    tax_number: str | None
    """税务登记号 / tax registration number"""
    institution_certificate_number: str | None
    """事业单位证书号 / public institution certificate number"""
    social_organisation_number: str | None
    """社会组织登记证号 / social organisation registration number"""
    subject_document_type: str | None
    """自然人证件类型（号码不入日志） / document type of a natural person (the number never enters the log)"""
    legal_representative: str | None
    """法定代表人（掩码，如 张*） / legal representative, masked"""
    legal_representative_id: str | None
    """法定代表人化名（person:…） / pseudonym of the legal representative"""
    legal_representative_document_type: str | None
    """法定代表人证件类型 / document type of the legal representative"""
    violation_type: str | None
    """违法行为类型 / type of violation"""
    violation_facts: str | None
    """违法事实 / facts of the violation"""
    penalty_basis: str | None
    """处罚依据 / legal basis of the penalty, as the file says"""
    penalty_categories: list[str]
    """处罚类别 / categories of the penalty"""
    penalty_content: str | None
    """处罚内容 / content of the penalty"""
    fine_amount: Decimal | None
    """罚款金额（元） / fine, yuan"""
    confiscated_amount: Decimal | None
    """没收违法所得、没收非法财物的金额（元） / confiscated gains and goods, yuan"""
    licence_affected: str | None
    """暂扣或吊销证照名称及编号 / licence suspended or revoked: name and number"""
    valid_to: date | None
    """处罚有效期（空为长期） / penalty valid to; null means open"""
    publicity_until: date | None
    """公示截止期 / publicity until"""
    severity: str | None
    """违法严重程度（空则按政策表判定） / severity as stated; null: decided by policy"""
    penalty_state: str | None
    """当前状态 / state of the penalty"""
    data_source_name: str | None
    """数据来源单位 / unit that the data came from, as the file says"""
    data_source_id: str | None
    """数据来源单位统一社会信用代码 / its USCC, as the file says"""
    remark: str | None
    """备注 / remark"""
    extra: dict[str, str]
    """没有对应字段的原始列 / source columns that have no field of their own"""


class InspectionConducted(TypedDict):
    """行政检查 / an inspection is conducted"""

    header: Header
    """事件头 / event header"""
    document_number: str | None
    """检查文书号或任务编号 / document or task number"""
    plan: str | None
    """检查计划 / inspection plan"""
    items: list[str]
    """检查事项 / items inspected"""
    method: str | None
    """检查方式 / method of inspection"""
    result: str | None
    """检查结果 / result of the inspection"""
    problems: str | None
    """发现的问题 / problems found"""
    follow_up: str | None
    """后续处理 / follow-up"""
    joint: bool
    """是否联合检查（双随机） / a joint inspection (double random)"""
    remark: str | None
    """备注 / remark"""
    extra: dict[str, str]
    """没有对应字段的原始列 / source columns that have no field of their own"""


class CommitmentMade(TypedDict):
    """信用承诺 / a credit commitment is made"""

    header: Header
    """事件头 / event header"""
    document_number: str | None
    """承诺编码 / commitment code"""
    commitment_type: str | None
    """承诺类型 / type of commitment"""
    matter: str | None
    """承诺事由 / matter of the commitment"""
    content: str | None
    """承诺内容 / content of the commitment"""
    valid_to: date | None
    """履约期限 / to be performed by"""
    performance_state: str | None
    """承诺履约状态（来源所述） / state of performance, as the file says"""
    data_source_name: str | None
    """数据来源单位 / unit that the data came from, as the file says"""
    data_source_id: str | None
    """数据来源单位统一社会信用代码 / its USCC, as the file says"""
    remark: str | None
    """备注 / remark"""
    extra: dict[str, str]
    """没有对应字段的原始列 / source columns that have no field of their own"""


class CommitmentFulfilled(TypedDict):
    """承诺已履行 / a commitment is fulfilled (about the commitment act)"""

    header: Header
    """事件头 / event header"""
    fulfilled_on: date
    """履行日期 / day of fulfilment"""
    remark: str | None
    """备注 / remark"""
    extra: dict[str, str]
    """没有对应字段的原始列 / source columns that have no field of their own"""


class CommitmentBreached(TypedDict):
    """违背承诺 / a commitment is breached, or was false"""

    header: Header
    """事件头 / event header"""
    document_number: str | None
    """认定文书号 / document number of the finding"""
    commitment_act_id: str | None
    """所违背承诺的行为标识 / act id of the commitment"""
    kind: str
    """违诺类别 / kind of breach"""
    facts: str | None
    """违诺事实 / facts"""
    remark: str | None
    """备注 / remark"""
    extra: dict[str, str]
    """没有对应字段的原始列 / source columns that have no field of their own"""


class ListingNoticed(TypedDict):
    """列入名单事先告知 / prior notice of a listing"""

    header: Header
    """事件头 / event header"""
    document_number: str | None
    """告知书文号 / document number of the notice"""
    list: str
    """名单标识 / list id"""
    reason: str | None
    """拟列入事由 / reason"""
    remark: str | None
    """备注 / remark"""
    extra: dict[str, str]
    """没有对应字段的原始列 / source columns that have no field of their own"""


class ListingDecided(TypedDict):
    """列入名单决定 / a subject is put on a list"""

    header: Header
    """事件头 / event header"""
    document_number: str | None
    """列入决定书文号 / document number of the decision"""
    registration_number: str | None
    """工商注册号 / business registration number"""
    organisation_code: str | None
    """组织机构代码 / organisation code (GB 11714)"""
    tax_number: str | None
    """税务登记号 / tax registration number"""
    institution_certificate_number: str | None
    """事业单位证书号 / public institution certificate number"""
    social_organisation_number: str | None
    """社会组织登记证号 / social organisation registration number"""
    legal_representative: str | None
    """法定代表人（掩码，如 张*） / legal representative, masked"""
    legal_representative_id: str | None
    """法定代表人化名（person:…） / pseudonym of the legal representative"""
    legal_representative_document_type: str | None
    """法定代表人证件类型 / document type of the legal representative"""
    list: str
    """名单标识 / list id"""
    term_months: int | None
    """期限（月，空则为名单最长期限） / term in months; null: the longest of the list"""
    reason: str | None
    """列入事由 / reason"""
    basis_act_ids: list[str]
    """作为依据的行政行为 / acts that the listing rests on"""
    responsible_persons: list[str]
    """责任人员（person:… 化名） / subject ids of responsible persons"""
    responsible_person_masks: list[str]
    """责任人员掩码姓名 / masked names of responsible persons, in the same order"""
    remark: str | None
    """备注 / remark"""
    extra: dict[str, str]
    """没有对应字段的原始列 / source columns that have no field of their own"""


class ListingRemoved(TypedDict):
    """移出名单决定 / a subject is removed from a list"""

    header: Header
    """事件头 / event header"""
    document_number: str | None
    """移出决定书文号 / document number of the removal"""
    list: str
    """名单标识 / list id"""
    entry_act_id: str | None
    """被移出的列入决定（空则为该名单上当日所有记录） /
    the entry removed; null: every entry of the list open that day"""
    removed_on: date
    """移出日期 / day of removal"""
    reason: str | None
    """移出事由 / reason"""
    remark: str | None
    """备注 / remark"""
    extra: dict[str, str]
    """没有对应字段的原始列 / source columns that have no field of their own"""


class ActDisclosed(TypedDict):
    """行政行为已公示 / an act is disclosed"""

    header: Header
    """事件头 / event header"""
    disclosed_on: date
    """公示日期 / day of disclosure"""
    channel: str | None
    """公示渠道 / channel"""


class DisclosureWithdrawn(TypedDict):
    """撤下公示 / a disclosure is withdrawn"""

    header: Header
    """事件头 / event header"""
    withdrawn_on: date
    """撤下日期 / day of withdrawal"""
    reason: str | None
    """撤下事由 / reason"""


class ActCorrected(TypedDict):
    """行政行为更正 / fields of an act are corrected"""

    header: Header
    """事件头 / event header"""
    fields: dict[str, str]
    """字段名到新值（JSON 文本） / field name to new value, JSON text"""
    reason: str | None
    """更正事由 / reason"""
    target_event_id: str | None
    """所更正的事件（空为作出事件） / the statement corrected; null: the making event"""


class ActRevoked(TypedDict):
    """行政行为撤销或废止 / an act is revoked"""

    header: Header
    """事件头 / event header"""
    revoked_on: date
    """撤销日期 / day of revocation"""
    void_from_start: bool
    """是否自始无效 / unlawful from the beginning"""
    reason: str | None
    """撤销事由 / reason"""
    target_event_id: str | None
    """所撤回的事件（空为整个行为） / the statement withdrawn; null: the act"""

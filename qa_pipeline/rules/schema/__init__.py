"""The shape of a rule pack: what the YAML files may say, checked on load.

Everything here is frozen and strict, and an unknown key is an error: a misspelt key that is silently ignored
is a wrong score. `docs/rules.md` is the reference for people who write packs.
"""

from qa_pipeline.rules.schema.case_rules import (
    CaseExample,
    CaseExamples,
    CaseRule,
    CaseTest,
    Clock,
)
from qa_pipeline.rules.schema.charges import (
    Charge,
    HeardOtherwise,
    Rule,
    Scope,
)
from qa_pipeline.rules.schema.context import (
    CancellingCues,
    Cues,
    Exemption,
    LadderStep,
    Trigger,
    is_pattern,
)
from qa_pipeline.rules.schema.elements import (
    Acknowledgement,
    Element,
    Need,
    Occasion,
    Window,
)
from qa_pipeline.rules.schema.examples import (
    CounterExample,
    ElementExamples,
    Example,
    HeardExamples,
    Line,
    RuleExamples,
)
from qa_pipeline.rules.schema.files import (
    ElementFile,
    ExemptionFile,
    HeardOtherwiseFile,
    PackHeader,
    PatternFile,
    RuleFile,
    TriggerFile,
)
from qa_pipeline.rules.schema.shared import (
    Basis,
    Count,
    Ends,
    Identifier,
)

__all__ = [
    "Acknowledgement",
    "Basis",
    "CancellingCues",
    "CaseExample",
    "CaseExamples",
    "CaseRule",
    "CaseTest",
    "Charge",
    "Clock",
    "Count",
    "CounterExample",
    "Cues",
    "Element",
    "ElementExamples",
    "ElementFile",
    "Ends",
    "Example",
    "Exemption",
    "ExemptionFile",
    "HeardExamples",
    "HeardOtherwise",
    "HeardOtherwiseFile",
    "Identifier",
    "LadderStep",
    "Line",
    "Need",
    "Occasion",
    "PackHeader",
    "PatternFile",
    "Rule",
    "RuleExamples",
    "RuleFile",
    "Scope",
    "Trigger",
    "TriggerFile",
    "Window",
    "is_pattern",
]

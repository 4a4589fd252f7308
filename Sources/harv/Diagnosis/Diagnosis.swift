import SIPKit

/// One rule: what it looks for, how it says what it found, and what to do about it.
///
/// A rule is one value in one file of `Diagnoses/` and one line in ``DiagnosisTable``. No part has a default, so a rule
/// without a remedy does not compile. Its examples are its tests and its manual.
struct Diagnosis: Sendable {
    enum Severity: Int, Comparable, Sendable, CaseIterable, Codable {
        case info, notice, warning, error, critical
        static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
        var name: String { ["info", "notice", "warning", "error", "critical"][self.rawValue] }
    }

    enum Confidence: String, Sendable, Codable { case certain, likely, possible }

    /// When a rule runs: when its record is complete, never earlier. `needs` are the marks without which it cannot speak:
    /// it is not asked about a conversation that lacks one of them.
    enum Examination: Sendable {
        /// On each call attempt with what followed it.
        case call(needs: Marks, _ look: @Sendable (CallContext) -> Evidence?)
        /// On each conversation that has a REGISTER.
        case registration(needs: Marks, _ look: @Sendable (CallContext) -> Evidence?)
        /// On every conversation.
        case conversation(needs: Marks, _ look: @Sendable (CallContext) -> Evidence?)
        /// Once, on everything that was counted.
        case population(@Sendable (Population) -> [Evidence])
        /// At the end, on what another rule found: a remark that is printed with it.
        case remark(@Sendable (Finding, Population) -> String?)
    }

    /// Stable: scripts use it. `N1`.
    let id: String
    /// `sdp-private-offer`.
    let name: String
    let severity: Severity
    let confidence: Confidence
    /// A few words for the table of the report.
    let title: String
    /// What people notice.
    let sees: String
    /// The exact evidence.
    let condition: String
    let why: String
    let remedy: String
    /// Seeds and RFCs it stands on.
    let sources: String
    /// Rules whose findings in the same conversation are effects of this one and are not counted again; for a rule that
    /// names a host, those about that host.
    let explains: [String]
    /// Made when somebody asks: writing a hundred traces takes longer than reading a small one.
    var examples: [Example] { self.makeExamples() }
    private let makeExamples: @Sendable () -> [Example]
    let examination: Examination

    /// Whether it is asked once, about everything.
    var isAboutAll: Bool {
        if case .population = self.examination { return true }
        return false
    }

    init(
        _ id: String, _ name: String, _ severity: Severity, _ confidence: Confidence, _ title: String, sees: String,
        condition: String, why: String, remedy: String, sources: String, explains: [String],
        examples: @autoclosure @escaping @Sendable () -> [Example], _ examination: Examination
    ) {
        self.id = id
        self.name = name
        self.severity = severity
        self.confidence = confidence
        self.title = title
        self.sees = sees
        self.condition = condition
        self.why = why
        self.remedy = remedy
        self.sources = sources
        self.explains = explains
        self.makeExamples = examples
        self.examination = examination
    }

    /// A short trace and whether the rule must speak about it.
    struct Example: Sendable {
        let title: String
        let finds: Bool
        let scene: Scene

        /// The rule must speak about this.
        static func yes(_ title: String, _ scene: Scene) -> Example { Example(title: title, finds: true, scene: scene) }
        /// The rule must not speak about this.
        static func no(_ title: String, _ scene: Scene) -> Example { Example(title: title, finds: false, scene: scene) }
    }
}

/// That a rule was right about one conversation: the sentence with its values, and the messages that prove it.
struct Evidence: Sendable, Equatable, Codable {
    /// The Say sentence, filled in.
    var say: String
    /// Numbers of the messages.
    var messages: [UInt32]
    /// Where it differs from the rule's own.
    var severity: Diagnosis.Severity?
    var confidence: Diagnosis.Confidence?
    /// How many cases this stands for (population rules).
    var count = 1
    /// The call and the time of a case that is judged at the end.
    var callID = ""
    var time: Int64? = nil
    /// When the last of the cases was that this stands for.
    var until: Int64? = nil
    /// Whether it is counted even where another rule explains this one: it shows more than that rule knows.
    var standsAlone = false
    /// The host it speaks of, where another rule may name that host for something larger; with port 0 a whole address.
    var host: SocketAddress? = nil

    init(
        _ say: String, _ messages: [UInt32] = [], severity: Diagnosis.Severity? = nil,
        confidence: Diagnosis.Confidence? = nil, count: Int = 1
    ) {
        self.say = say
        self.messages = messages
        self.severity = severity
        self.confidence = confidence
        self.count = count
    }

    func of(_ callID: String, _ time: Int64) -> Evidence {
        var evidence = self
        evidence.callID = callID
        evidence.time = time
        return evidence
    }

    func about(_ host: SocketAddress?) -> Evidence {
        var evidence = self
        evidence.host = host
        return evidence
    }

    func counted(_ count: Int) -> Evidence {
        var evidence = self
        evidence.count = count
        return evidence
    }
}

extension Diagnosis: Codable {
    /// A rule is kept by its id: what it says comes from the table.
    init(from decoder: any Decoder) throws {
        let id = try decoder.singleValueContainer().decode(String.self)
        guard let rule = DiagnosisTable.rule(id) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no rule \(id)"))
        }
        self = rule
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.id)
    }
}

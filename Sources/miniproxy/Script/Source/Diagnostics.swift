/// What was found in a script so far, in the order of finding.
struct Diagnostics: Sendable {
    private(set) var all: [Diagnostic] = []

    /// More would help nobody; a binary file given by mistake would make millions.
    static let limit = 500

    mutating func add(_ diagnostic: Diagnostic) {
        guard self.all.count < Self.limit,
            !self.all.contains(where: {
                $0.range == diagnostic.range && $0.code == diagnostic.code && $0.message == diagnostic.message
            })
        else { return }
        self.all.append(diagnostic)
    }

    mutating func error(
        _ code: Diagnostic.Code, at range: SourceRange, _ message: String, help: String? = nil,
        fix: Diagnostic.Fix? = nil
    ) {
        self.add(Diagnostic(.error, code, at: range, message, help: help, fix: fix))
    }

    mutating func warning(
        _ code: Diagnostic.Code, at range: SourceRange, _ message: String, help: String? = nil,
        fix: Diagnostic.Fix? = nil
    ) {
        self.add(Diagnostic(.warning, code, at: range, message, help: help, fix: fix))
    }

    mutating func add(_ others: some Sequence<Diagnostic>) { for other in others { self.add(other) } }

    /// In the order of the source.
    var sorted: [Diagnostic] {
        self.all.enumerated().sorted { left, right in
            let (a, b) = (left.element.range, right.element.range)
            if a.file != b.file { return a.file < b.file }
            return a.lower == b.lower ? left.offset < right.offset : a.lower < b.lower
        }.map(\.element)
    }

    var hasErrors: Bool { self.all.contains { $0.severity == .error } }
    var errorCount: Int { self.all.count { $0.severity == .error } }
    var warningCount: Int { self.all.count { $0.severity == .warning } }
}

/// What was found in a script so far, in the order of finding.
struct Diagnostics: Sendable {
    private(set) var all: [Diagnostic] = []

    /// Of warnings, and of errors: more would help nobody, and a binary file given by mistake would make millions. They
    /// are counted apart, so that no flood of warnings hides that a script is wrong.
    static let limit = 500

    mutating func add(_ diagnostic: Diagnostic) {
        let count = diagnostic.severity == .error ? self.errorCount : self.warningCount
        guard count < Self.limit else { return }
        let isKnown = self.all.contains {
            $0.range == diagnostic.range && $0.code == diagnostic.code && $0.message == diagnostic.message
        }
        guard !isKnown else { return }
        if diagnostic.severity == .error { self.errorCount += 1 } else { self.warningCount += 1 }
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

    var hasErrors: Bool { self.errorCount > 0 }
    private(set) var errorCount = 0
    private(set) var warningCount = 0
}

import CPCRE2

/// A regular expression over bytes: PCRE2 with its JIT compiler, applied where the bytes lie.
///
/// An expression cannot hang or stop the program: the search has a limit, and what could not be decided within it is
/// answered with ``Outcome/gaveUp`` and counted. One object serves one thread.
public final class BytePattern {
    public struct Options: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        public static let caseless = Options(rawValue: 1)
        /// The dot stops at a line end. Without it the dot matches everything, as in `ngrep`.
        public static let singleLine = Options(rawValue: 2)
        /// `^` and `$` match at each line.
        public static let anchorsAtLines = Options(rawValue: 4)
        /// Quantifiers take as little as they can: what `ngrep` does.
        public static let ungreedy = Options(rawValue: 8)
        /// The text is no expression but the bytes to look for.
        public static let literal = Options(rawValue: 16)
    }

    public enum Outcome: Sendable, Equatable {
        case match(Range<Int>)
        case noMatch
        /// The limit was reached; nobody knows.
        case gaveUp
    }

    public let text: String
    public let usesJIT: Bool
    private let code: OpaquePointer
    private let data: OpaquePointer
    private let context: OpaquePointer
    private let stack: OpaquePointer?
    /// How often the limit was reached so far.
    public private(set) var limitsReached = 0

    /// Steps before the search is given up: some milliseconds on a message of ordinary size.
    static let matchLimit: UInt32 = 200_000

    /// - Throws: ``PatternError`` with the place where the expression is wrong.
    public convenience init(_ text: String, _ options: Options = []) throws(PatternError) {
        try self.init(Array(text.utf8), shown: text, options)
    }

    /// An expression that may hold any byte.
    public init(_ pattern: [UInt8], shown text: String, _ options: Options = []) throws(PatternError) {
        self.text = text
        var flags: UInt32 = 0
        if options.contains(.caseless) { flags |= PCRE2_CASELESS }
        if options.contains(.literal) {
            flags |= PCRE2_LITERAL
        } else {
            if !options.contains(.singleLine) { flags |= PCRE2_DOTALL }
            if options.contains(.anchorsAtLines) { flags |= PCRE2_MULTILINE }
            if options.contains(.ungreedy) { flags |= PCRE2_UNGREEDY }
        }
        var number: Int32 = 0
        var offset = 0
        guard let code = pcre2_compile_8(pattern, pattern.count, flags, &number, &offset, nil) else {
            throw PatternError(pattern: text, offset: offset, reason: Self.message(number))
        }
        self.code = code
        self.usesJIT = pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE) == 0
        guard let data = pcre2_match_data_create_from_pattern_8(code, nil),
            let context = pcre2_match_context_create_8(nil)
        else {
            pcre2_code_free_8(code)
            throw PatternError(pattern: text, offset: 0, reason: "no memory")
        }
        self.data = data
        self.context = context
        self.stack = self.usesJIT ? pcre2_jit_stack_create_8(32 * 1024, 1024 * 1024, nil) : nil
        pcre2_set_match_limit_8(context, Self.matchLimit)
        pcre2_set_heap_limit_8(context, 20_000)
        if let stack = self.stack { pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
    }

    deinit {
        if let stack = self.stack { pcre2_jit_stack_free_8(stack) }
        pcre2_match_context_free_8(self.context)
        pcre2_match_data_free_8(self.data)
        pcre2_code_free_8(self.code)
    }

    /// Whether the bytes contain a match. A search that was given up counts as none; see ``limitsReached``.
    public func matches(_ bytes: Span<UInt8>) -> Bool {
        if case .match = self.search(bytes) { return true }
        return false
    }

    /// The first match from `start` on.
    public func search(_ bytes: Span<UInt8>, from start: Int = 0) -> Outcome {
        guard start >= 0, start <= bytes.count else { return .noMatch }
        return bytes.withUnsafeBufferPointer { buffer in
            // PCRE2 takes a pointer also for no bytes.
            var none: UInt8 = 0
            guard let base = buffer.baseAddress else {
                return withUnsafePointer(to: &none) { self.search($0, 0, 0) }
            }
            return self.search(base, buffer.count, start)
        }
    }

    private func search(_ base: UnsafePointer<UInt8>, _ count: Int, _ start: Int) -> Outcome {
        let found =
            self.usesJIT
            ? pcre2_jit_match_8(self.code, base, count, start, 0, self.data, self.context)
            : pcre2_match_8(self.code, base, count, start, 0, self.data, self.context)
        if found >= 0 { return self.firstRange() }
        if found == PCRE2_ERROR_NOMATCH { return .noMatch }
        self.limitsReached += 1
        // Whoever sends one such message sends many: they get less time each.
        if self.limitsReached == 100 { pcre2_set_match_limit_8(self.context, Self.matchLimit / 20) }
        return .gaveUp
    }

    private func firstRange() -> Outcome {
        guard let ranges = pcre2_get_ovector_pointer_8(self.data), ranges[1] >= ranges[0] else { return .noMatch }
        return .match(ranges[0]..<ranges[1])
    }

    private static func message(_ number: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(number, &buffer, buffer.count)
        return length > 0 ? String(decoding: buffer[..<Int(length)], as: UTF8.self) : "error \(number)"
    }
}

import CPCRE2
import Synchronization

/// A regular expression of a script, compiled once and matched on bytes where they lie.
///
/// Scripts write POSIX extended expressions with GNU's extras; `POSIXPattern` turns them into PCRE2's language, which
/// has a JIT compiler and, with a match limit, an end for every subject. One difference stays: POSIX takes the longest
/// of several matches at a place, this the first alternative. Whether something matches is the same.
///
/// A matcher is shared by all shards. What a match needs to write is lent out to one at a time; a second one at the same
/// moment makes its own.
final class PatternMatcher: Sendable {
    struct Options: OptionSet, Sendable {
        let rawValue: UInt8
        /// Letters in either case.
        static let ignoringCase = Options(rawValue: 1)
        /// `^` and `$` also at line borders, `.` and `[^x]` not over a line end (POSIX `REG_NEWLINE`).
        static let lines = Options(rawValue: 2)
    }

    /// What the script said.
    let source: [UInt8]
    private let code: OpaquePointerBox
    private let context: OpaquePointerBox
    /// The address of match data that nobody uses now, or 0.
    private let scratch = Atomic<UInt>(0)

    /// Steps after which a match is given up as none: some 10 ms.
    static let matchLimit: UInt32 = 200_000

    /// - Throws: ``PatternError`` with the place in the script's text.
    convenience init(extended source: [UInt8], _ options: Options) throws(PatternError) {
        try self.init(source: source, translated: try POSIXPattern.translate(source, .extended, options), options)
    }

    /// A POSIX basic expression, as the `trusted` table has.
    convenience init(basic source: [UInt8], _ options: Options) throws(PatternError) {
        try self.init(source: source, translated: try POSIXPattern.translate(source, .basic, options), options)
    }

    private init(source: [UInt8], translated: [UInt8], _ options: Options) throws(PatternError) {
        var flags = UInt32(PCRE2_DOLLAR_ENDONLY) | UInt32(PCRE2_NEVER_UTF)
        if options.contains(.ignoringCase) { flags |= UInt32(PCRE2_CASELESS) }
        if options.contains(.lines) {
            flags = flags & ~UInt32(PCRE2_DOLLAR_ENDONLY) | UInt32(PCRE2_MULTILINE)
        } else {
            flags |= UInt32(PCRE2_DOTALL)
        }
        let compiling = pcre2_compile_context_create_8(nil)
        defer { pcre2_compile_context_free_8(compiling) }
        pcre2_set_newline_8(compiling, UInt32(PCRE2_NEWLINE_LF))
        pcre2_set_parens_nest_limit_8(compiling, 100)
        var error: CInt = 0
        var offset = 0
        let compiled = translated.withUnsafeBufferPointer {
            pcre2_compile_8($0.baseAddress, $0.count, flags, &error, &offset, compiling)
        }
        guard let compiled else { throw PatternError(Self.message(error), at: nil) }
        guard let context = pcre2_match_context_create_8(nil) else {
            pcre2_code_free_8(compiled)
            throw PatternError("no memory for the expression", at: nil)
        }
        pcre2_set_match_limit_8(context, Self.matchLimit)
        pcre2_jit_compile_8(compiled, UInt32(PCRE2_JIT_COMPLETE))
        self.source = source
        self.code = OpaquePointerBox(compiled)
        self.context = OpaquePointerBox(context)
    }

    deinit {
        if let kept = OpaquePointer(bitPattern: self.scratch.exchange(0, ordering: .acquiring)) {
            pcre2_match_data_free_8(kept)
        }
        pcre2_match_context_free_8(self.context.pointer)
        pcre2_code_free_8(self.code.pointer)
    }

    /// Whether the expression is found anywhere in the bytes.
    func matches(_ subject: Span<UInt8>) -> Bool {
        self.withMatch(in: subject, from: 0) { _, _ in true } ?? false
    }

    /// The first match at or behind `start`: the whole first, then the groups; a group that took no part is `nil`.
    func firstMatch(in subject: Span<UInt8>, from start: Int = 0) -> [Range<Int>?]? {
        self.withMatch(in: subject, from: start) { places, count in
            (0..<count).map { group in
                let lower = places[2 * group]
                let upper = places[2 * group + 1]
                // An unset group is all ones, here −1.
                return lower >= 0 && lower <= upper && upper <= subject.count ? lower..<upper : nil
            }
        } ?? nil
    }

    private func withMatch<Result>(
        in subject: Span<UInt8>, from start: Int, _ body: (UnsafeMutablePointer<Int>, Int) -> Result
    ) -> Result? {
        guard start <= subject.count else { return nil }
        guard
            let data = OpaquePointer(bitPattern: self.scratch.exchange(0, ordering: .acquiring))
                ?? pcre2_match_data_create_from_pattern_8(self.code.pointer, nil)
        else { return nil }
        defer {
            // Whoever comes second frees its own.
            let other = self.scratch.exchange(UInt(bitPattern: data), ordering: .acquiringAndReleasing)
            if let other = OpaquePointer(bitPattern: other) { pcre2_match_data_free_8(other) }
        }
        let count = subject.withUnsafeBufferPointer { buffer -> CInt in
            var empty: UInt8 = 0
            return withUnsafePointer(to: &empty) { nothing in
                let base = buffer.baseAddress ?? nothing
                let found = pcre2_match_8(
                    self.code.pointer, base, buffer.count, start, 0, data, self.context.pointer)
                // The compiled form has a small stack; the interpreter takes what the limit allows.
                guard found == PCRE2_ERROR_JIT_STACKLIMIT else { return found }
                return pcre2_match_8(
                    self.code.pointer, base, buffer.count, start, UInt32(PCRE2_NO_JIT), data, self.context.pointer)
            }
        }
        guard count > 0, let places = pcre2_get_ovector_pointer_8(data) else { return nil }
        return body(places, Int(count))
    }

    private static func message(_ error: CInt) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        let count = pcre2_get_error_message_8(error, &text, text.count)
        return count > 0 ? String(decoding: text[..<Int(count)], as: UTF8.self) : "not a regular expression"
    }
}

/// A pointer to what PCRE2 made. The compiled code and the match context are never written to after their making.
private struct OpaquePointerBox: @unchecked Sendable {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
}

/// Why a text is no regular expression.
struct PatternError: Error, Equatable, CustomStringConvertible {
    let message: String
    /// The place in the script's text, in bytes, where it can be named.
    let offset: Int?

    init(_ message: String, at offset: Int?) {
        self.message = message
        self.offset = offset
    }

    var description: String { self.offset.map { "\(self.message), at byte \($0)" } ?? self.message }
}

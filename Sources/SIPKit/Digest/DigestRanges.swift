import Crypto

/// Where the parts of Digest credentials stand in a message: read and verified without copying.
///
/// The quick way beside ``Credentials`` and ``DigestVerifier`` for what nearly every client sends: MD5, qop `auth` or
/// none, no escapes. For everything else ``verify(_:method:ha1:)`` answers `nil` and the plain way takes over. A test
/// compares the two.
public struct DigestRanges: Sendable, Equatable {
    // Without their quotes.
    public private(set) var username = ByteRange.none
    public private(set) var realm = ByteRange.none
    public private(set) var nonce = ByteRange.none
    public private(set) var uri = ByteRange.none
    public private(set) var response = ByteRange.none
    public private(set) var opaque = ByteRange.none
    public private(set) var clientNonce = ByteRange.none
    public private(set) var count = ByteRange.none
    public private(set) var quality = ByteRange.none
    public private(set) var algorithm = ByteRange.none
    /// Whether the quick way gives the right answer: nothing escaped, nothing unusual.
    public private(set) var isPlain = true

    /// Reads the header's value.
    ///
    /// - Throws: ``ParseError`` as ``Credentials/init(parsing:)`` does, except that duplicates are looked for among
    ///   the known parameters only.
    @_lifetime(value: copy value)
    public init(parsing value: inout ByteCursor) throws(ParseError) {
        value.skipLWS()
        let start = value.offset
        let scheme = value.takeToken()
        guard value.bytes.equalsIgnoringCase(scheme, "digest") else {
            throw ParseError(
                .unsupported, "authentication scheme", expected: "Digest", found: value.copy(scheme), at: start)
        }
        var seen: UInt16 = 0
        var parameters = 0
        while true {
            value.skipLWS()
            while value.skip(ASCII.comma) { value.skipLWS() }
            if value.isAtEnd { break }
            let at = value.offset
            let name = value.takeToken()
            value.skipLWS()
            guard !name.isEmpty, value.skip(ASCII.equals) else {
                throw ParseError(
                    .malformed, "authentication parameter", expected: "name=value", found: value.rest, at: at)
            }
            value.skipLWS()
            let content = try self.takeValue(&value)
            guard let place = self.place(value.bytes, name, content) else {
                if value.bytes.equalsIgnoringCase(name, "username*") || value.bytes.equalsIgnoringCase(name, "userhash")
                {
                    self.isPlain = false
                }
                parameters += 1
                guard parameters <= AuthParameters.limit else {
                    throw ParseError(
                        .tooLarge, "authentication parameters", expected: "at most \(AuthParameters.limit)")
                }
                continue
            }
            guard seen & place == 0 else {
                throw ParseError(.duplicate, "authentication parameter", found: value.copy(name), at: at)
            }
            seen |= place
        }
        guard seen & 0x1F == 0x1F || !self.isPlain else {
            throw ParseError(
                .missing, "credentials", expected: "username, realm, nonce, uri and response", at: start)
        }
        guard seen & 0x100 == 0 || seen & 0xC0 == 0xC0 else {
            throw ParseError(.missing, "cnonce and nc of the credentials", expected: "both with a qop", at: start)
        }
    }

    @_lifetime(value: copy value)
    private mutating func takeValue(_ value: inout ByteCursor) throws(ParseError) -> ByteRange {
        var content: ByteRange
        if value.peek == ASCII.quote {
            let start = value.offset
            guard let quoted = value.takeQuoted() else {
                throw ParseError(.truncated, "quoted string", found: value.rest, at: start)
            }
            content = ByteRange(quoted.start + 1, quoted.end - 1)
            if value.bytes.firstIndex(of: ASCII.backslash, in: content) != nil { self.isPlain = false }
        } else {
            content = value.take { $0 != ASCII.comma && $0 != ASCII.quote && !ASCII.isLWS($0) }
        }
        value.skipLWS()
        guard value.isAtEnd || value.peek == ASCII.comma else {
            throw ParseError(
                .malformed, "authentication parameter", expected: "a comma", found: value.rest, at: value.offset)
        }
        return content
    }

    /// Puts a value in its place; the place's bit, or `nil` for a name that is not needed.
    private mutating func place(_ bytes: Span<UInt8>, _ name: ByteRange, _ content: ByteRange) -> UInt16? {
        switch name.count {
        case 8 where bytes.equalsIgnoringCase(name, "username"):
            self.username = content
            return 0x1
        case 5 where bytes.equalsIgnoringCase(name, "realm"):
            self.realm = content
            return 0x2
        case 5 where bytes.equalsIgnoringCase(name, "nonce"):
            self.nonce = content
            return 0x4
        case 3 where bytes.equalsIgnoringCase(name, "uri"):
            self.uri = content
            return 0x8
        case 8 where bytes.equalsIgnoringCase(name, "response"):
            self.response = content
            return 0x10
        case 6 where bytes.equalsIgnoringCase(name, "opaque"):
            self.opaque = content
            return 0x20
        case 6 where bytes.equalsIgnoringCase(name, "cnonce"):
            self.clientNonce = content
            return 0x40
        case 2 where bytes.equalsIgnoringCase(name, "nc"):
            self.count = content
            return 0x80
        case 3 where bytes.equalsIgnoringCase(name, "qop"):
            self.quality = content
            if !bytes.equalsIgnoringCase(content, "auth") { self.isPlain = false }
            return 0x100
        case 9 where bytes.equalsIgnoringCase(name, "algorithm"):
            self.algorithm = content
            if !bytes.equalsIgnoringCase(content, "md5") { self.isPlain = false }
            return 0x200
        default: return nil
        }
    }

    /// The nonce count as a number; `nil` unless it is one to eight hexadecimal digits.
    public func countNumber(_ bytes: Span<UInt8>) -> UInt32? {
        guard 1...8 ~= self.count.count, self.count.end <= bytes.count else { return nil }
        var number: UInt32 = 0
        for index in self.count.indices {
            guard let digit = ASCII.hexValue(bytes[index]) else { return nil }
            number = number << 4 | UInt32(digit)
        }
        return number
    }

    /// The longest text that is hashed on the stack.
    private static let scratch = 1024

    /// Whether the response is the one that the user's HA1 gives.
    ///
    /// - Parameters:
    ///   - bytes: the message that the ranges point into.
    ///   - method: the request's method, as it stands on the start line.
    ///   - ha1: H(user:realm:password), 32 lower-case hexadecimal digits.
    /// - Returns: `nil` when this quick way cannot tell and the plain one must.
    public func verify(_ bytes: Span<UInt8>, method: Span<UInt8>, ha1: Span<UInt8>) -> Bool? {
        guard self.isPlain, ha1.count == 32 else { return nil }
        guard self.response.count == 32, self.response.end <= bytes.count else { return false }
        let first = method.count + 1 + self.uri.count
        let second = 32 + 1 + self.nonce.count + 1 + 32
        let extra = self.quality.isEmpty ? 0 : self.count.count + self.clientNonce.count + self.quality.count + 3
        guard first <= Self.scratch, second + extra <= Self.scratch else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: Self.scratch, alignment: 8) { memory in
            var text = unsafe Scratch(memory)
            unsafe text.append(method, ByteRange(0, method.count))
            unsafe text.append(ASCII.colon)
            unsafe text.append(bytes, self.uri)
            let ha2 = unsafe text.finish()
            unsafe text.append(ha1, ByteRange(0, 32))
            unsafe text.append(ASCII.colon)
            unsafe text.append(bytes, self.nonce)
            if !self.quality.isEmpty {
                unsafe text.append(ASCII.colon)
                unsafe text.append(bytes, self.count)
                unsafe text.append(ASCII.colon)
                unsafe text.append(bytes, self.clientNonce)
                unsafe text.append(ASCII.colon)
                unsafe text.append(bytes, self.quality)
            }
            unsafe text.append(ASCII.colon)
            unsafe text.append(ha2.span, ByteRange(0, 32))
            let wanted = unsafe text.finish()
            return ConstantTime.equal(wanted.span, bytes.extracting(self.response.indices))
        }
    }

    /// Text on the stack, hashed in one go. Its room was checked before anything is written.
    @unsafe private struct Scratch {
        let memory: UnsafeMutableRawBufferPointer
        var count = 0

        init(_ memory: UnsafeMutableRawBufferPointer) { unsafe self.memory = unsafe memory }

        mutating func append(_ byte: UInt8) {
            guard unsafe self.count < self.memory.count else { return }
            unsafe self.memory[self.count] = byte
            unsafe self.count += 1
        }

        mutating func append(_ bytes: Span<UInt8>, _ range: ByteRange) {
            guard range.start < range.end, range.end <= bytes.count,
                unsafe range.count <= self.memory.count - self.count
            else { return }
            unsafe bytes.withUnsafeBytes { source in
                guard let from = source.baseAddress, let to = unsafe self.memory.baseAddress else { return }
                unsafe (to + self.count).copyMemory(from: from + range.start, byteCount: range.count)
                unsafe self.count += range.count
            }
        }

        mutating func finish() -> InlineArray<32, UInt8> {
            let hash = unsafe Insecure.MD5.hash(data: UnsafeRawBufferPointer(rebasing: self.memory[..<self.count]))
            unsafe self.count = 0
            var digits = InlineArray<32, UInt8>(repeating: 0)
            hash.withUnsafeBytes { bytes in
                var whole = digits.mutableSpan
                var room = whole.mutableBytes
                for part in 0..<Swift.min(4, bytes.count / 4) {
                    let number = unsafe bytes.loadUnaligned(fromByteOffset: part * 4, as: UInt32.self)
                    let text = HexWord.encode(UInt32(bigEndian: number)).littleEndian
                    room.storeBytes(of: text, toByteOffset: part * 8, as: UInt64.self)
                }
            }
            return digits
        }
    }
}

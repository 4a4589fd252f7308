/// The strict judgement beside the tolerant reading: whether an element that has to act on a message can (RFC 3261
/// §8.2, §16.3, §18.3; RFC 4475 for what is to be expected).
///
/// It looks at what routing and transactions stand on, and at nothing else: a Date that is none, a Contact that only
/// the other side reads, are no reason to refuse a request that a proxy passes on. Nothing is allocated for a message
/// that is in order.
public enum MessageSanity {
    /// Why a message is not worked on.
    public struct Verdict: Error, Sendable, BitwiseCopyable {
        /// The status to answer with. A response is discarded instead, and so is an ACK.
        public let status: Int
        /// The offending part: "CSeq", "Request-URI".
        public let element: StaticString
        /// What is wrong with it.
        public let fault: Fault

        public enum Fault: UInt8, Sendable, BitwiseCopyable {
            case missing, duplicate, malformed, outOfRange, mismatch, tooShort, unsupported
        }

        init(_ status: Int, _ element: StaticString, _ fault: Fault) {
            self.status = status
            self.element = element
            self.fault = fault
        }

        /// The reason phrase: RFC 3261's, and for 400 which part it is.
        public var reason: String {
            switch self.status {
            case 416: "Unsupported URI Scheme"
            case 420: "Bad Extension"
            case 501: "Not Implemented"
            case 505: "Version Not Supported"
            default: "Bad Request (\(self.element): \(self.fault.phrase))"
            }
        }
    }

    /// Examines a message that has been read: first its form, then ``read(_:_:into:)``, then ``judge(_:_:_:proxySupports:)``.
    ///
    /// - Parameters:
    ///   - core: filled with what has been read on the way; complete where the verdict is `nil`.
    ///   - isSupported: whether an option tag of Proxy-Require is supported; by default none is.
    /// - Returns: `nil` for a message in order.
    public static func examine(
        _ bytes: Span<UInt8>, _ index: borrowing MessageIndex, into core: inout CoreHeaders,
        proxySupports isSupported: (ByteRange) -> Bool = { _ in false }
    ) -> Verdict? {
        if let verdict = Self.startLine(bytes, index) { return verdict }
        if let verdict = Self.read(bytes, index, into: &core) { return verdict }
        return Self.judge(bytes, index, &core, proxySupports: isSupported)
    }

    /// Reads the values that a transaction stands on: the top Via, From, To, Call-ID, CSeq.
    ///
    /// - Parameter core: filled in this order up to what is at fault; the rest stays as it was handed in.
    public static func read(
        _ bytes: Span<UInt8>, _ index: borrowing MessageIndex, into core: inout CoreHeaders
    ) -> Verdict? {
        let values = index.commonValues
        core.contentLength = values.contentLength
        core.maxForwardsValue = values.maxForwards
        guard !values.via.isEmpty else { return Verdict(400, "Via", .missing) }
        var cursor = ByteCursor(bytes, values.via)
        do {
            core.via = try ViaRanges(parsing: &cursor)
            while !cursor.isAtEnd { _ = try ViaRanges(parsing: &cursor) }
        } catch { return Verdict(400, "Via", .malformed) }
        if values.repeated != .other { return Verdict(400, values.repeated.name, .duplicate) }
        guard !values.from.isEmpty else { return Verdict(400, "From", .missing) }
        guard let from = Self.address(bytes, values.from) else { return Verdict(400, "From", .malformed) }
        core.from = from
        guard !values.to.isEmpty else { return Verdict(400, "To", .missing) }
        guard let to = Self.address(bytes, values.to) else { return Verdict(400, "To", .malformed) }
        core.to = to
        guard !values.callID.isEmpty else { return Verdict(400, "Call-ID", .missing) }
        // The quick look finds DEL as well, which harms nobody.
        if bytes.firstControlOrSpace(in: values.callID) != nil,
            values.callID.indices.contains(where: { bytes[unchecked: $0] <= ASCII.space })
        {
            return Verdict(400, "Call-ID", .malformed)
        }
        core.callID = values.callID
        guard !values.cSeq.isEmpty else { return Verdict(400, "CSeq", .missing) }
        cursor = ByteCursor(bytes, values.cSeq)
        do {
            core.cSeq = try CSeq(parsing: &cursor)
        } catch { return Verdict(400, "CSeq", error.kind == .outOfRange ? .outOfRange : .malformed) }
        return nil
    }

    /// Judges everything else of a message whose ``read(_:_:into:)`` went well.
    ///
    /// - Parameter needsEmptyLine: whether a message that ends within its headers is refused: whoever sends it on
    ///   would send half a message. Who only looks at it can do without.
    public static func judge(
        _ bytes: Span<UInt8>, _ index: borrowing MessageIndex, _ core: inout CoreHeaders, needsEmptyLine: Bool = false,
        proxySupports isSupported: (ByteRange) -> Bool = { _ in false }
    ) -> Verdict? {
        if let verdict = Self.startLine(bytes, index) { return verdict }
        if needsEmptyLine, index.headersEnd == index.bodyStart { return Verdict(400, "empty line", .missing) }
        if let verdict = Self.length(bytes, index, core.contentLength) { return verdict }
        guard index.isRequest else { return nil }
        if let verdict = Self.request(bytes, index, &core) { return verdict }
        if index.method == .register, let verdict = Self.contacts(bytes, index) { return verdict }
        if let slot = index.firstSlot(.proxyRequire) {
            return Self.extensions(bytes, index, from: slot, isSupported)
        }
        return nil
    }

    /// The same for one message that is at hand as a whole.
    public static func examine(_ message: SIPMessage) -> Verdict? {
        var core = CoreHeaders()
        return Self.examine(message.bytes.span, message.index, into: &core)
    }

    // MARK: Line by line

    private static func startLine(_ bytes: Span<UInt8>, _ index: borrowing MessageIndex) -> Verdict? {
        switch index.defect {
        // A line of words without a colon is nobody's header: it is passed on and read by none (§16.3 step 1).
        case nil, .noBlankLine, .lineWithoutColon: break
        case .headerName: return Verdict(400, "header name", .malformed)
        case .version: return Verdict(505, "SIP-Version", .unsupported)
        case .statusCode: return Verdict(400, "Status-Code", .outOfRange)
        case .requestURI: return Verdict(400, "Request-URI", .malformed)
        }
        // Blanks behind the version: the table passes over them, but they would go out again with the line.
        if index.isRequest, index.version.end < bytes.count, ASCII.isBlank(bytes[unchecked: index.version.end]) {
            return Verdict(400, "Request-Line", .malformed)
        }
        return nil
    }

    // MARK: Values

    /// One address, alone in its line, whose URI has at least a scheme.
    private static func address(_ bytes: Span<UInt8>, _ value: ByteRange) -> AddressRanges? {
        var cursor = ByteCursor(bytes, value)
        guard let address = try? AddressRanges(parsing: &cursor), !address.isFollowed else { return nil }
        // `sip:` and at least four bytes behind it, as nearly all are.
        if address.uri.count > 8, bytes.word(at: address.uri.start) & 0xFFFF_FFFF == 0x3A70_6973 { return address }
        var at = address.uri.start
        guard ASCII.isLetter(bytes[unchecked: at]) else { return nil }
        while at < address.uri.end, bytes[unchecked: at] != ASCII.colon {
            guard ASCII.isToken(bytes[unchecked: at]) else { return nil }
            at &+= 1
        }
        return at &+ 1 < address.uri.end ? address : nil
    }

    private static func length(
        _ bytes: Span<UInt8>, _ index: borrowing MessageIndex, _ value: ByteRange
    ) -> Verdict? {
        if value.isEmpty, !index.contains(.contentLength) { return nil }
        do {
            let length = try MessageIndex.contentLength(bytes, value)
            return length <= index.end &- index.bodyStart ? nil : Verdict(400, "Content-Length", .tooShort)
        } catch { return Verdict(400, "Content-Length", error.kind == .outOfRange ? .outOfRange : .malformed) }
    }

    // MARK: Requests

    private static func request(
        _ bytes: Span<UInt8>, _ index: borrowing MessageIndex, _ core: inout CoreHeaders
    ) -> Verdict? {
        if index.method != core.cSeq.method
            || (index.method == .other && !bytes.equals(index.methodRange, bytes, core.cSeq.methodRange))
        {
            // A method that nobody knows is the larger fault (RFC 4475 §3.1.2.18).
            return index.method == .other ? Verdict(501, "CSeq", .mismatch) : Verdict(400, "CSeq", .mismatch)
        }
        guard let uri = try? URIRanges(parsing: bytes, index.requestURI) else {
            return Verdict(400, "Request-URI", .malformed)
        }
        if uri.scheme == .other { return Verdict(416, "Request-URI", .unsupported) }
        // Headers in a Request-URI are forbidden (§19.1.1 table 1) and must not be sent on (RFC 4475 §3.1.2.11).
        if !uri.headers.isEmpty { return Verdict(400, "Request-URI", .malformed) }
        core.requestURI = uri
        let value = core.maxForwardsValue
        if value.isEmpty, !index.contains(.maxForwards) { return nil }
        // As nearly all write it.
        if let hops = ASCII.number(bytes, value, limit: 255) {
            core.maxForwards = MaxForwards(hops: UInt8(truncatingIfNeeded: hops))
            return nil
        }
        var cursor = ByteCursor(bytes, value)
        do {
            core.maxForwards = try MaxForwards(parsing: &cursor)
        } catch { return Verdict(400, "Max-Forwards", error.kind == .outOfRange ? .outOfRange : .malformed) }
        return nil
    }

    /// A registrar reads every Contact (§10.3). One with headers has to stand in brackets, or nobody could tell whose
    /// they are (§20.10).
    private static func contacts(_ bytes: Span<UInt8>, _ index: borrowing MessageIndex) -> Verdict? {
        var slot = index.firstSlot(.contact)
        while let place = slot {
            var cursor = ByteCursor(bytes, index.slots[place].value)
            while !cursor.isAtEnd {
                guard let contact = try? AddressRanges(parsing: &cursor) else {
                    return Verdict(400, "Contact", .malformed)
                }
                if !contact.isBracketed, bytes.firstIndex(of: ASCII.question, in: contact.uri) != nil {
                    return Verdict(400, "Contact", .malformed)
                }
            }
            slot = index.nextSlot(after: place)
        }
        return nil
    }

    private static func extensions(
        _ bytes: Span<UInt8>, _ index: borrowing MessageIndex, from first: Int, _ isSupported: (ByteRange) -> Bool
    ) -> Verdict? {
        var slot: Int? = first
        while let place = slot {
            var cursor = ByteCursor(bytes, index.slots[place].value)
            while !cursor.isAtEnd {
                cursor.skipLWS()
                let tag = cursor.takeToken()
                if !tag.isEmpty, !isSupported(tag) { return Verdict(420, "Proxy-Require", .unsupported) }
                cursor.skipLWS()
                if !cursor.skip(ASCII.comma), !cursor.isAtEnd { return Verdict(400, "Proxy-Require", .malformed) }
            }
            slot = index.nextSlot(after: place)
        }
        return nil
    }
}

extension MessageSanity.Verdict.Fault {
    var phrase: String {
        switch self {
        case .missing: "missing"
        case .duplicate: "more than one"
        case .malformed: "malformed"
        case .outOfRange: "out of range"
        case .mismatch: "not the request's method"
        case .tooShort: "the body is shorter"
        case .unsupported: "not supported"
        }
    }
}

extension MessageSanity.Verdict: Equatable {
    /// By status, element and fault.
    public static func == (left: Self, right: Self) -> Bool {
        left.status == right.status && left.fault == right.fault && "\(left.element)" == "\(right.element)"
    }
}

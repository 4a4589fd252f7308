import SIPKit

/// Reads all values of one header line; each is written and read again, and must be the same.
func examineHeader(_ id: HeaderID, _ value: [UInt8]) throws(BrokenProperty) {
    switch id {
    case .via:
        try roundTrips(value, Via.self)
        try ranges(value) { cursor throws(ParseError) in _ = try ViaRanges(parsing: &cursor) }
    case .from, .to, .contact, .route, .recordRoute, .path, .serviceRoute, .referTo, .referredBy, .replyTo,
        .pAssertedIdentity, .pPreferredIdentity, .pAssociatedURI, .pCalledPartyID, .remotePartyID:
        try roundTrips(value, NameAddress.self)
        try ranges(value) { cursor throws(ParseError) in
            let address = try AddressRanges(parsing: &cursor)
            _ = address.parameter("q", in: cursor.bytes)
            _ = try? URIRanges(parsing: cursor.bytes, address.uri)
        }
    case .cSeq: try ranges(value) { cursor throws(ParseError) in _ = try CSeq(parsing: &cursor) }
    case .maxForwards: try roundTrips(value, MaxForwards.self)
    case .warning: try roundTrips(value, Warning.self)
    case .allow, .supported, .require, .proxyRequire, .unsupported, .allowEvents, .recvInfo:
        try roundTrips(value, TokenList.self)
    case .contentType, .accept: try roundTrips(value, MediaType.self)
    case .contentDisposition: try roundTrips(value, ContentDisposition.self)
    case .event: try roundTrips(value, Event.self)
    case .subscriptionState: try roundTrips(value, SubscriptionState.self)
    case .rAck: try roundTrips(value, RAck.self)
    case .rSeq: try roundTrips(value, RSeq.self)
    case .reason: try roundTrips(value, Reason.self)
    case .replaces, .join, .targetDialog: try roundTrips(value, Replaces.self)
    case .sessionExpires: try roundTrips(value, SessionExpires.self)
    case .minSE: try roundTrips(value, MinSE.self)
    case .resourcePriority, .acceptResourcePriority: try roundTrips(value, ResourcePriority.self)
    case .pAccessNetworkInfo: try roundTrips(value, AccessNetworkInfo.self)
    case .pChargingVector, .pChargingFunctionAddresses: try roundTrips(value, ChargingVector.self)
    case .pVisitedNetworkID: try roundTrips(value, VisitedNetworkID.self)
    case .identity: try roundTrips(value, Identity.self)
    case .diversion, .ccDiversion: try roundTrips(value, Diversion.self)
    case .historyInfo: try roundTrips(value, HistoryInfo.self)
    case .date: try roundTrips(value, SIPDate.self)
    case .retryAfter: try roundTrips(value, RetryAfter.self)
    case .timestamp: try roundTrips(value, Timestamp.self)
    case .userAgent, .server: try roundTrips(value, ProductList.self)
    case .expires, .minExpires:
        _ = DeltaSeconds(parsing: value.span, ByteRange(0, value.count))
    case .wwwAuthenticate, .proxyAuthenticate, .authorization, .proxyAuthorization, .authenticationInfo,
        .proxyAuthenticationInfo:
        examineDigest(value)
    default: break
    }
}

/// The headers that have values of their own, in a fixed order, so that a fuzzer's first byte can choose.
let headersWithValues: [HeaderID] = [
    .via, .from, .cSeq, .maxForwards, .warning, .allow, .contentType, .contentDisposition, .event, .subscriptionState,
    .rAck, .rSeq, .reason, .replaces, .sessionExpires, .minSE, .resourcePriority, .pAccessNetworkInfo, .pChargingVector,
    .pVisitedNetworkID, .identity, .diversion, .historyInfo, .date, .retryAfter, .timestamp, .userAgent, .expires,
]

/// The first byte says which header, the rest is its value.
func examineHeaders(_ bytes: [UInt8]) throws(BrokenProperty) {
    guard let first = bytes.first else { return }
    try examineHeader(headersWithValues[Int(first) % headersWithValues.count], Array(bytes.dropFirst()))
}

func examineAddresses(_ bytes: [UInt8]) throws(BrokenProperty) {
    try examineHeader(.contact, bytes)
    try examineHeader(.via, bytes)
}

func examineURI(_ bytes: [UInt8]) throws(BrokenProperty) {
    let whole = ByteRange(0, bytes.count)
    if let parts = try? URIRanges(parsing: bytes.span, whole) {
        _ = parts.isLooseRouting(in: bytes.span)
        try demand(parts.host.end <= bytes.count && parts.user.end <= bytes.count, "the parts of a URI are inside")
    }
    if let uri = try? SIPURI(parsing: bytes.span, whole) { try examine(uri) }
    if let address = IPAddress(parsing: bytes.span, whole) {
        try demand(IPAddress(address.description) == address, "an address is read as it was written")
    }
}

func examine(_ uri: SIPURI) throws(BrokenProperty) {
    guard let again = try? SIPURI(parsing: uri.bytes.span, ByteRange(0, uri.bytes.count)) else {
        throw BrokenProperty(description: "a URI that was written is read: \(uri)")
    }
    try demand(again == uri, "a URI is read as it was written: \(uri)")
    try demand(uri.isEquivalent(to: again), "a URI is equal to itself: \(uri)")
    _ = uri.addressOfRecord
    _ = uri.transport
}

func examineDigest(_ bytes: [UInt8]) {
    let whole = ByteRange(0, bytes.count)
    _ = Challenge.all(in: bytes.span, whole)
    // One after the other and not in a list: closures over a cursor in an array crash this compiler.
    ignoring(bytes) { cursor throws(ParseError) in _ = try AuthParameters(parsing: &cursor) }
    ignoring(bytes) { cursor throws(ParseError) in _ = try AuthenticationInfo(parsing: &cursor) }
    ignoring(bytes) { cursor throws(ParseError) in _ = try Challenge(parsing: &cursor) }
    ignoring(bytes) { cursor throws(ParseError) in _ = try Credentials(parsing: &cursor) }
    ignoring(bytes) { cursor throws(ParseError) in _ = try DigestRanges(parsing: &cursor) }
}

private func ignoring(_ bytes: [UInt8], _ read: (inout ByteCursor) throws(ParseError) -> Void) {
    var cursor = ByteCursor(bytes.span)
    try? read(&cursor)
}

/// Reads one value after the other, as far as they go; each must be read again as it was written.
private func roundTrips<Value: HeaderValue>(_ bytes: [UInt8], _ type: Value.Type) throws(BrokenProperty) {
    var cursor = ByteCursor(bytes.span)
    var before = -1
    while !cursor.isAtEnd {
        try demand(cursor.offset > before, "\(type) moves on")
        before = cursor.offset
        guard let value = try? Value(parsing: &cursor) else { return }
        var output = ByteWriter()
        value.write(to: &output)
        let written = output.bytes
        // Bytes and not text: what is not UTF-8 has to survive.
        var second = ByteCursor(written.span)
        guard let again = try? Value(parsing: &second), second.isAtEnd else {
            throw BrokenProperty(description: "\(type) that was written is read: \(Printable.text(written))")
        }
        try demand(again == value, "\(type) is read as it was written: \(Printable.text(written))")
        try demand(!written.contains(ASCII.lf), "\(type) has no line end when it is written")
    }
}

private func ranges(_ bytes: [UInt8], _ read: (inout ByteCursor) throws(ParseError) -> Void) throws(BrokenProperty) {
    var cursor = ByteCursor(bytes.span)
    var before = -1
    while !cursor.isAtEnd {
        try demand(cursor.offset > before, "a value moves on")
        before = cursor.offset
        do { try read(&cursor) } catch { return }
    }
    try demand(cursor.offset <= bytes.count, "nothing is read behind the end")
}

extension SIPURI {
    /// As it is written on the wire.
    fileprivate var bytes: [UInt8] {
        var output = ByteWriter()
        self.write(to: &output)
        return output.bytes
    }
}

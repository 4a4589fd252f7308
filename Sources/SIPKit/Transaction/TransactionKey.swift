/// What makes two requests one server transaction (RFC 3261 §17.2.3), as a keyed hash.
public enum TransactionKey {
    /// With RFC 3261's cookie: branch, sent-by and the method, where ACK counts as INVITE. Without it (RFC 2543):
    /// Request-URI, From tag, Call-ID, CSeq number and the whole top Via; the To tag is left out because the ACK of
    /// a refusal has one that the INVITE had not.
    ///
    /// - Parameter method: the request's own, or `.invite` to find what a CANCEL or an ACK belongs to.
    public static func hash(
        _ bytes: Span<UInt8>, via: ViaRanges, method: SIPMethod, index: borrowing MessageIndex, fromTag: ByteRange,
        cSeq: UInt32, under secret: KeyedHash
    ) -> KeyedHash.Value {
        var hash = secret
        let matched = method == .ack ? SIPMethod.invite : method
        hash.combine(UInt64(matched.rawValue))
        if matched == .other { hash.combine(bytes, index.methodRange) }
        if via.hasMagicCookie(in: bytes) {
            hash.combine(bytes, via.branch)
            hash.combine(bytes, via.hostPort)
        } else {
            hash.combine(bytes, index.requestURI)
            hash.combine(bytes, fromTag)
            hash.combine(bytes, index.first(.callID) ?? .none)
            hash.combine(UInt64(cSeq))
            hash.combine(bytes, via.whole)
        }
        return hash.value
    }
}

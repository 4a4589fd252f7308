import SIPKit

extension FunctionBodies {
    /// `fix_nated_sdp("2")`: 1 adds `a=direction:active`, 2 writes the source address into every `c=` and keeps the old
    /// one as `a=oldmediaip:`, 8 writes it into `o=`.
    static let fixSDP = Body { arguments, context in
        guard let description = context.sessionDescription else { return .no }
        let changes = arguments.integer(0)
        let bytes = context.memory.span
        let given = arguments.text(1)
        let address =
            given.isEmpty ? context.peer.address.ip.unmapped : IPAddress(parsing: given.span, ByteRange(0, given.count))
        guard let address else { return .no }
        if changes & 1 != 0 {
            description.add(attribute: "direction:active", to: description.session, in: bytes, &context.edits)
        }
        if changes & 2 != 0 {
            for connection in description.connections(in: bytes) {
                // 0.0.0.0 is "on hold" (RFC 3264 §8.4) and stays.
                guard let old = IPAddress(parsing: bytes, connection.address), !old.isAny else { continue }
                description.replace(connection, with: address, in: &context.edits)
                description.add(attribute: "oldmediaip:\(old)", to: description.session, in: bytes, &context.edits)
            }
        }
        if changes & 8 != 0, let origin = description.origin(in: bytes) {
            description.replace(origin, with: address, in: &context.edits)
        }
        context.edits.fixLength(of: context.index, in: bytes)
        return .yes
    }
}

import SIPKit

extension FunctionBodies {
    /// `nat_keepalive()`: the sender's NAT is kept open once its REGISTER, SUBSCRIBE or INVITE is accepted, until the
    /// registration or subscription runs out or the call ends (FUNCTIONS.md §14).
    static let natKeepalive = Body { _, context in
        guard let book = context.shared.keepAlives, context.peer.transport == .udp else { return .no }
        let method = context.index.method
        let seconds: Int64
        switch method {
        case .register, .subscribe: seconds = Int64(context.wantedSeconds ?? 3_600)
        // A call that stands has asked with its first INVITE.
        case .invite where context.to.tag.isEmpty: seconds = 1
        default: return .no
        }
        let isTaken = book.ask(
            Array(context.memory[context.callID.indices]), method,
            KeepAliveBook.Phone(address: context.peer.address, socket: context.peer.socket), seconds: seconds,
            now: MonotonicTime(nanoseconds: context.now))
        return isTaken ? .yes : .no
    }
}

extension RouteContext {
    /// Seconds that a REGISTER or SUBSCRIBE asks for: of its first Contact, else in Expires.
    fileprivate var wantedSeconds: UInt32? {
        let bytes = self.memory.span
        if let value = self.index.first(.contact) {
            var cursor = ByteCursor(bytes, value)
            if let contact = try? AddressRanges(parsing: &cursor),
                let seconds = contact.parameter("expires", in: bytes).flatMap({ DeltaSeconds(parsing: bytes, $0) })
            {
                return seconds.seconds
            }
        }
        return self.index.first(.expires).flatMap { DeltaSeconds(parsing: bytes, $0)?.seconds }
    }
}

import SIPKit

/// Which responses answer a request: branch, Call-ID and the CSeq's number and method agree (RFC 3261 §17.1.3).
///
/// The original takes any datagram for its answer.
struct ReplyMatch: Sendable, Equatable {
    private let branch: [UInt8]
    private let callID: [UInt8]
    private let sequence: UInt32?
    private let method: [UInt8]

    init(_ draft: Draft) {
        self.branch = draft.topBranch
        self.callID = draft.value(.callID) ?? []
        self.sequence = draft.sequence
        self.method = draft.method
    }

    /// What a request lacks cannot be asked of its answer: a file without Via or CSeq is matched by what it has.
    func accepts(_ message: SIPMessage) -> Bool {
        guard !message.isRequest else { return false }
        if !self.branch.isEmpty {
            guard let via = try? message.topVia(), message[via.branch].elementsEqual(self.branch) else { return false }
        }
        if !self.callID.isEmpty, !message.callID.elementsEqual(self.callID) { return false }
        if let sequence = self.sequence {
            guard let answered = try? message.cSeq(), answered.number == sequence,
                message[answered.methodRange].elementsEqual(self.method)
            else { return false }
        }
        return true
    }
}

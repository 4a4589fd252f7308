import SIPKit

/// What a message asks of an external engine: its streams, one command each.
struct RTPProxyOrder: Sendable, Hashable {
    /// Whether a session may begin with it.
    var isOffer: Bool
    var callID: [UInt8]
    /// The tag of who sends the description, and of who gets it; the second is empty in a first offer.
    var senderTag: [UInt8]
    var receiverTag: [UInt8]
    var flags: [UInt8] = []
    /// Where the sender wants each stream; `nil` for one that is turned off.
    var streams: [SocketAddress?]

    /// A command a stream; `nil` for one that needs none.
    var commands: [RTPProxyCommand?] {
        self.streams.enumerated().map { place, address in
            guard let address else { return nil }
            var stream = RTPProxyCommand.Stream(
                flags: self.flags,
                party: RTPProxyCommand.Party(callID: self.callID, tag: self.senderTag, otherTag: self.receiverTag),
                address: address, medium: place + 1)
            if self.isOffer { return .offer(stream) }
            // Who has offered stands first.
            swap(&stream.party.tag, &stream.party.otherTag)
            return .answer(stream)
        }
    }

    /// Whether its words can be told: a Call-ID or tag with a blank or a semicolon cannot.
    var canBeTold: Bool {
        RTPProxyCommand.isWord(self.callID) && RTPProxyCommand.isWord(self.senderTag)
            && (self.receiverTag.isEmpty || RTPProxyCommand.isWord(self.receiverTag))
    }
}

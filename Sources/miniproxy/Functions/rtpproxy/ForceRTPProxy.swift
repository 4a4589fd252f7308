import SIPKit

extension FunctionBodies {
    /// `force_rtp_proxy("flags", "address")` (FUNCTIONS.md §12): our relay, or the engine that `rtpproxy_sock` names.
    static let forceRTPProxy = Body(
        { arguments, context in
            guard let options = MediaRelayOptions(arguments) else { return .no }
            // An answer, and a session that must exist, belong to a dialog.
            if !context.index.isRequest || options.onlyKnown, context.to.tag.isEmpty { return .no }
            return context.relayThroughEngine(options)
        }, resume: Self.engineAnswered)

    /// `rtpproxy_offer()`, `rtpproxy_answer()`: the same; whether it is an offer shows in the message.
    static let rtpproxyOffer = Body(
        { arguments, context in
            guard let options = MediaRelayOptions(arguments) else { return .no }
            return context.relayThroughEngine(options)
        }, resume: Self.engineAnswered)
    static let rtpproxyAnswer = Body(
        { arguments, context in
            guard let options = MediaRelayOptions(arguments), !context.to.tag.isEmpty else { return .no }
            return context.relayThroughEngine(options)
        }, resume: Self.engineAnswered)

    /// `rtpproxy_manage()`: what the message asks for. INVITE, UPDATE, ACK and PRACK with a description, and answers of 1xx
    /// and 2xx with one, go through the relay; BYE, CANCEL and refusals end it.
    static let rtpproxyManage = Body(
        { arguments, context in
            guard let options = MediaRelayOptions(arguments) else { return .no }
            if context.block == .failure { return context.endEngineMedia() }
            guard context.index.isRequest else {
                let method = context.cSeq.method
                guard method == .invite || method == .update else { return .no }
                if context.index.statusCode >= 300 { return context.endEngineMedia() }
                return context.sessionDescription == nil ? .no : context.relayThroughEngine(options)
            }
            switch context.index.method {
            case .bye, .cancel: return context.endEngineMedia()
            case .invite, .update, .ack, .prack: return context.relayThroughEngine(options)
            default: return .no
            }
        }, resume: Self.engineAnswered)

    /// `unforce_rtp_proxy()`, `rtpproxy_destroy()`: the end of the relaying. Harmless when there is none.
    static let unforceRTPProxy = Body { _, context in context.endEngineMedia() }

    private static let engineAnswered: Body.Resume = { arguments, answer, context in
        guard let options = MediaRelayOptions(arguments), case .media(let places) = answer else { return .no }
        return context.writeEngineMedia(places, options)
    }
}

extension MediaRelayOptions {
    /// The flags and the address of a call; `nil` for an address that is none.
    init?(_ arguments: borrowing PreparedArguments) {
        self.marks = true
        for letter in arguments.text(0) {
            switch letter {
            case UInt8(ascii: "l"), UInt8(ascii: "1"): self.onlyKnown = true
            case UInt8(ascii: "a"):
                self.isAsymmetric = true
                self.engineFlags.append(UInt8(ascii: "A"))
            case UInt8(ascii: "f"): self.ignoresMark = true
            case UInt8(ascii: "r"): self.isTrusted = true
            case UInt8(ascii: "o"): self.changesOrigin = true
            case UInt8(ascii: "i"): self.engineFlags.append(UInt8(ascii: "I"))
            case UInt8(ascii: "e"): self.engineFlags.append(UInt8(ascii: "E"))
            case UInt8(ascii: "w"): self.engineFlags.append(UInt8(ascii: "w"))
            default: break
            }
        }
        let address = arguments.text(1)
        guard !address.isEmpty else { return }
        guard let ip = IPAddress(parsing: address.span, ByteRange(0, address.count)) else { return nil }
        self.advertised = ip
    }
}

extension RouteContext {
    /// Media through the external engine where there is one, else through our relay.
    mutating func relayThroughEngine(_ options: MediaRelayOptions) -> FunctionResult {
        guard self.shared.rtpproxy != nil else { return self.relayMedia(options) }
        guard let description = self.relayableDescription(options) else { return .no }
        guard !description.media.isEmpty else { return .yes }
        self.question = .media(self.order(description, options))
        return .ask
    }

    mutating func endEngineMedia() -> FunctionResult {
        guard let engine = self.shared.rtpproxy else { return self.endRelayedMedia() }
        engine.end(
            RTPProxyCommand.Party(
                callID: Array(self.memory[self.callID.indices]), tag: Array(self.memory[self.from.tag.indices]),
                otherTag: Array(self.memory[self.to.tag.indices])))
        return .yes
    }

    mutating func writeEngineMedia(_ places: [SocketAddress?], _ options: MediaRelayOptions) -> FunctionResult {
        guard let description = self.relayableDescription(options), places.count == description.media.count else {
            return .no
        }
        let own = self.destination.ip.unmapped
        self.writeMedia(
            description, places.map { place in place.map { $0.ip.isAny ? SocketAddress(own, $0.port) : $0 } }, options)
        return .yes
    }

    private mutating func order(_ description: SessionDescription, _ options: MediaRelayOptions) -> RTPProxyOrder {
        let isRequest = self.index.isRequest
        let (from, to) = (Array(self.memory[self.from.tag.indices]), Array(self.memory[self.to.tag.indices]))
        let source = self.peer.address.ip.unmapped
        var order = RTPProxyOrder(
            // An ACK or PRACK answers an offer that came in a response.
            isOffer: isRequest && !options.onlyKnown && self.index.method != .ack && self.index.method != .prack,
            callID: Array(self.memory[self.callID.indices]), senderTag: isRequest ? from : to,
            receiverTag: isRequest ? to : from,
            streams: self.mediaStreams(description).map { stream in
                // What a phone behind NAT says of itself nobody can reach; where its message came from is where its media
                // will come from.
                stream.address.map { options.isTrusted ? $0 : SocketAddress(source, $0.port) }
            })
        order.flags = options.engineFlags
        if source.family == .v6 { order.flags.append(UInt8(ascii: "6")) }
        return order
    }
}

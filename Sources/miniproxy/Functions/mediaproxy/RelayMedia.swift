import SIPKit

extension FunctionBodies {
    /// `use_media_proxy()`: the media of this call goes through our relay (FUNCTIONS.md §13).
    static let useMediaProxy = Body { _, context in
        switch context.index.method {
        case _ where !context.index.isRequest: break
        case .invite: break
        // An ACK without a description has nothing to change.
        case .ack: if context.sessionDescription == nil { return .yes }
        default: return .no
        }
        return context.relayMedia(MediaRelayOptions())
    }

    /// `end_media_session()`, `unforce_rtp_proxy()`: the relay forgets the call. Harmless when it knows none.
    static let endMediaSession = Body { _, context in
        guard let media = context.shared.media else { return .no }
        return media.end(callID: Array(context.memory[context.callID.indices])) ? .yes : .no
    }

    /// `force_rtp_proxy("flags", "address")`: the same relay, with nathelper's rules (FUNCTIONS.md §12).
    static let forceRTPProxy = Body { arguments, context in
        var options = MediaRelayOptions()
        options.marks = true
        for letter in arguments.text(0) {
            switch letter {
            case UInt8(ascii: "l"): options.onlyKnown = true
            case UInt8(ascii: "a"): options.isAsymmetric = true
            case UInt8(ascii: "f"): options.ignoresMark = true
            case UInt8(ascii: "r"): options.isTrusted = true
            default: break
            }
        }
        let address = arguments.text(1)
        if !address.isEmpty {
            guard let ip = IPAddress(parsing: address.span, ByteRange(0, address.count)) else { return .no }
            options.advertised = ip
        }
        // An answer, and a session that must exist, belong to a dialog.
        if !context.index.isRequest || options.onlyKnown, context.to.tag.isEmpty { return .no }
        return context.relayMedia(options)
    }
}

/// How a message's media is to be relayed.
struct MediaRelayOptions {
    /// Only a call that is relayed already.
    var onlyKnown = false
    var isAsymmetric = false
    /// Also where somebody has marked the description as relayed.
    var ignoresMark = false
    var isTrusted = false
    /// Whether the description is marked (`a=nortpproxy:yes`), so that the next proxy leaves it alone.
    var marks = false
    /// What is written instead of the relay's own address.
    var advertised: IPAddress?
}

extension RouteContext {
    private static var mark: StaticString { "nortpproxy" }

    /// Tells the relay what the description of the message in work says, and writes the relay's ports into it.
    mutating func relayMedia(_ options: MediaRelayOptions) -> FunctionResult {
        guard let media = self.shared.media else { return .no }
        guard !self.isMediaRelayed, let description = self.sessionDescription else {
            // The offer comes with the answer to this INVITE: it may begin the session then.
            if self.index.isRequest, self.index.method == .invite, self.sessionDescription == nil {
                media.expect(self.mediaUpdate([], options))
            }
            return .no
        }
        let bytes = self.memory.span
        if options.marks, !options.ignoresMark,
            description.attribute(Self.mark, in: 0..<description.lines.count, of: bytes) != nil
        {
            return .no
        }
        guard !description.media.isEmpty else { return .yes }
        let update = self.mediaUpdate(self.mediaStreams(description), options)
        let places: [SocketAddress?]
        do throws(MediaError) {
            places = try media.update(update)
        } catch {
            self.log(error == .noSession ? 2 : -1, Array("media relay: \(error)".utf8))
            return .no
        }
        self.isMediaRelayed = true
        self.writeMedia(description, places, options)
        return .yes
    }

    private func mediaStreams(_ description: SessionDescription) -> [MediaUpdate.Stream] {
        let bytes = self.memory.span
        let session = description.connection(in: bytes)
        return description.media.map { media in
            let connection = description.connection(of: media, in: bytes) ?? session
            let ip = connection.flatMap { IPAddress(parsing: bytes, $0.address) }
            let isOff = media.portNumber == 0
            let isHold = ip.map { $0.isAny } ?? true
            return MediaUpdate.Stream(
                kind: Array(self.memory[media.kind.indices]),
                address: isOff || isHold ? nil : ip.map { SocketAddress($0, media.portNumber) }, isOff: isOff)
        }
    }

    private mutating func mediaUpdate(_ streams: [MediaUpdate.Stream], _ options: MediaRelayOptions) -> MediaUpdate {
        let isRequest = self.index.isRequest
        func bytes(_ range: ByteRange) -> [UInt8] { Array(self.memory[range.indices]) }
        let (from, to) = (bytes(self.from.tag), bytes(self.to.tag))
        var update = MediaUpdate(
            callID: bytes(self.callID), senderTag: isRequest ? from : to, receiverTag: isRequest ? to : from,
            mayBegin: isRequest && !options.onlyKnown, streams: streams, source: self.peer.address.ip.unmapped,
            senderFacing: self.destination.ip.unmapped, receiverFacing: self.destination.ip.unmapped)
        update.isAsymmetric = options.isAsymmetric || self.isAsymmetricMedia
        update.isTrusted = options.isTrusted
        update.from = bytes(self.from.uri)
        update.to = bytes(self.to.uri)
        // A next hop of the other family is reached from an address of ours of that family.
        if isRequest, let next = self.nextHopAddress, next.family != update.senderFacing.family,
            let own = self.shared.settings.media.addresses.first(where: { $0.family == next.family })
        {
            update.receiverFacing = own
        }
        return update
    }

    /// The next hop, where it is an address already.
    private var nextHopAddress: IPAddress? {
        let uri = self.destinationURI.isEmpty ? self.requestURIBytes : self.destinationURI
        guard let parts = try? URIRanges(parsing: uri.span, ByteRange(0, uri.count)) else { return nil }
        return IPAddress(parsing: uri.span, parts.host)
    }

    /// Whether the sender's User-Agent is in the file of those that send from another port than they listen on.
    private var isAsymmetricMedia: Bool {
        let patterns = self.shared.asymmetricMedia
        guard !patterns.isEmpty, let agent = self.index.first(.userAgent) ?? self.index.first(.server) else {
            return false
        }
        return patterns.contains { $0.matches(self.memory.span.extracting(agent.indices)) }
    }

    private mutating func writeMedia(
        _ description: SessionDescription, _ places: [SocketAddress?], _ options: MediaRelayOptions
    ) {
        let bytes = self.memory.span
        let own = options.advertised ?? places.lazy.compactMap { $0?.ip }.first
        if let own {
            for connection in description.connections(in: bytes) {
                guard let old = IPAddress(parsing: bytes, connection.address), !old.isAny else { continue }
                description.replace(connection, with: own, in: &self.edits)
            }
        }
        for (number, place) in places.enumerated() where number < description.media.count {
            guard let place else { continue }
            let media = description.media[number]
            description.replacePort(of: media, with: place.port, in: &self.edits)
            // RTCP is on the port behind, as without the attribute.
            description.removeAttributes("rtcp", in: media.section, of: bytes, &self.edits)
        }
        if options.marks,
            description.attribute(Self.mark, in: 0..<description.lines.count, of: bytes) == nil
        {
            description.add(attribute: "nortpproxy:yes", to: description.session, in: bytes, &self.edits)
        }
        self.edits.fixLength(of: self.index, in: bytes)
    }
}

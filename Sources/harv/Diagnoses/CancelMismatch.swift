import SIPKit

extension Diagnosis {
    static let cancelMismatch = Diagnosis(
        "R31", "cancel-mismatch", .error, .certain,
        "a CANCEL that fits no INVITE",
        sees: "a phone keeps ringing after the caller hung up",
        condition: "branch, Request-URI, To tag or CSeq number of a CANCEL differ from its INVITE's",
        why: "a CANCEL is matched to its INVITE by exactly these",
        remedy: "update the device; a proxy that changes the INVITE's Request-URI has to change its CANCEL's as well "
            + "(t_relay() does)",
        sources: "RFC 3261 §9.1",
        explains: ["R30"],
        examples: [
            .yes("another branch", Scene.cancelled.replacing("CANCEL in", "z9hG4bK-p1", "z9hG4bK-p7")),
            .yes("another CSeq number", Scene.cancelled.replacing("CANCEL in", "1 CANCEL", "2 CANCEL")),
            .no("it fits", Scene.cancelled),
            .no(
                "another branch and another number: the INVITE that it is for was not captured",
                Scene.cancelled.replacing("CANCEL in", "z9hG4bK-p1", "z9hG4bK-p7").replacing(
                    "CANCEL in", "1 CANCEL", "2 CANCEL")),
            .no(
                "its Via leaves out the port",
                Scene.cancelled.replacing("CANCEL in", "SIP/2.0/UDP 192.168.1.2:5060", "SIP/2.0/UDP 192.168.1.2")),
        ],
        .call(needs: [.cancel]) { (context: CallContext) -> Evidence? in
            guard context.conversation.has(.cancel) else { return nil }
            for place in context.records.indices
            where context.records[place].isRequest(.cancel) && context.records[place].isFirst {
                let cancel = context.records[place]
                let invites = context.records[..<place].indices.filter {
                    let record = context.records[$0]
                    return record.isRequest(.invite) && record.source == cancel.source
                        && record.destination == cancel.destination && record.passage != .repeated
                }
                guard let last = invites.last, context.requestURIBytes(place) != nil else { continue }
                var difference: String? = nil
                let match = invites.first {
                    let invite = context.records[$0]
                    // With one Via the bottom branch is the branch alone: some phones write their port only sometimes.
                    return invite.topBranch == cancel.topBranch
                        || invite.viaCount == 1 && cancel.viaCount == 1 && invite.bottomBranch == cancel.bottomBranch
                }
                if let match {
                    if context.records[match].cSeq != cancel.cSeq {
                        difference = "CSeq number"
                    } else if context.records[match].toTag == 0, cancel.toTag != 0 {
                        difference = "To tag"
                    } else if context.hasOtherRequestURI(match, place) {
                        difference = "Request-URI"
                    }
                } else if invites.contains(where: { context.records[$0].cSeq == cancel.cSeq }) {
                    difference = "branch"
                }
                // An INVITE with its number was not captured at all: it may have fitted.
                guard let difference else { continue }
                return Evidence(
                    "The CANCEL of \(context.agent(place)) does not match its INVITE (\(difference)).",
                    [context.number(match ?? last), context.number(place)])
            }
            return nil
        })
}

extension CallContext {
    /// The Request-URI of a request as it stands there; `nil` where it is no URI.
    func requestURIBytes(_ place: Int) -> ByteRange? {
        guard let message = self.message(place), message.isRequest,
            (try? URIRanges(parsing: message.span, message.requestURI)) != nil
        else { return nil }
        return message.requestURI
    }

    /// Whether two requests have different Request-URIs, both of which can be read.
    func hasOtherRequestURI(_ place: Int, _ other: Int) -> Bool {
        guard let first = self.message(place), let own = self.requestURIBytes(place), let second = self.message(other),
            let others = self.requestURIBytes(other)
        else { return false }
        return !first.span.equals(own, second.span, others)
    }
}

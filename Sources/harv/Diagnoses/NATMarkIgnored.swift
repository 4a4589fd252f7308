import SIPKit

extension Diagnosis {
    static let natMarkIgnored = Diagnosis(
        "N18", "nat-mark-ignored", .error, .certain,
        "marked nat=yes, but no media relay",
        sees: "no sound for users behind a NAT",
        condition: "the route carries nat=yes, and an offer or an answer of that dialog leaves with its media address "
            + "unchanged",
        why: "the mark says that this call needs the relay; the part of the script that saw the message did not "
            + "ask for it",
        remedy:
            "in the loose_route() block test search(\"^Route:.*;nat=yes\") or check_route_param(\"nat=yes\") and call "
            + "the relay for INVITE, also for its replies",
        sources: "seed 000, 002 ch. 8 notes 15-16, 22-23; 001",
        explains: [],
        examples: [
            .yes(
                "the INVITE leaves unchanged with nat=yes in its Record-Route",
                Scene.call.replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 192.168.1.2")),
            .no("the relay is in", Scene.call),
            .no(
                "no mark",
                Scene.call.replacing("*", ";nat=yes", "").replacing(
                    "INVITE out", "IN IP4 192.0.2.10", "IN IP4 192.168.1.2")),
        ],
        .conversation(needs: [.relayedSession]) { (context: CallContext) -> Evidence? in
            var places: [Int] = []
            var names: [String] = []
            var hasPublic = false
            for (inPlace, out) in context.pairs {
                guard context.records[inPlace].traits.contains(.hasSession),
                    context.records[out].traits.contains(.hasSession)
                else { continue }
                if let before = context.plainSession(inPlace), let after = context.plainSession(out),
                    before.address != after.address
                {
                    continue
                }
                guard context.isMarked(out, .recordRoute) || context.isMarked(inPlace, .route),
                    let before = context.session(inPlace)?.active,
                    let after = context.session(out)?.active,
                    !before.isEmpty, before.map(\.address) == after.map(\.address), let address = after.first?.address,
                    !context.servers.contains(where: { $0.ip == address }), !AddressScope.isHold(address)
                else { continue }
                places += [inPlace, out]
                let record = context.records[out]
                names.append(record.isRequest ? "\(record.method.name)" : "\(record.status)")
                if AddressScope.isPublic(address) { hasPublic = true }
            }
            guard !names.isEmpty else { return nil }
            var evidence = Evidence(
                "The route is marked nat=yes but \(names.joined(separator: " and ")) passed without the media relay.",
                places.map { context.number($0) }, severity: hasPublic ? .warning : .error)
            evidence.standsAlone = hasPublic
            return evidence
        })
}

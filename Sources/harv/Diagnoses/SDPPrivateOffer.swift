import SIPKit

extension Diagnosis {
    static let sdpPrivateOffer = Diagnosis(
        "N1", "sdp-private-offer", .error, .certain,
        "private address sent out for sound",
        sees: "no sound at all, or one way; signalling looks perfect",
        condition: "a request with a session description goes out to a public peer with a media address out of its "
            + "scope, and came in with the same address",
        why: "the far end cannot route to it; a proxy must put a media relay's or the router's address there",
        remedy: "the NAT test for INVITE did not fire or the relay call was skipped: client_nat_test(\"3\") or "
            + "nat_uac_test(\"19\"), then use_media_proxy() or force_rtp_proxy(), in the part every INVITE passes. "
            + "Kamailio: check WITH_NAT, nat_uac_test(\"19\") (add 8 to test the session description itself), "
            + "rtpproxy_manage(\"co\") or rtpengine_manage(\"replace-origin replace-session-connection\") in "
            + "route[NATMANAGE]",
        sources: "seed 000 (first lines and trace), 002 ch. 4 and 8; RFC 3264, 6314",
        explains: ["N2", "N3", "N18"],
        examples: [
            .yes(
                "the INVITE leaves with the phone's inside address",
                Scene.call.replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 192.168.1.2")),
            .no("the server put its relay in", Scene.call),
            .no(
                "the callee sends sound to where it comes from (--latching)",
                Scene.call.replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 192.168.1.2").knowing {
                    $0.latching = [IPAddress(v4: 0xC633_6407)]
                }),
            .no(
                "the call is on hold (0.0.0.0)",
                Scene.call.replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 0.0.0.0").replacing(
                    "INVITE in", "IN IP4 192.168.1.2", "IN IP4 0.0.0.0")),
            .no(
                "a public candidate makes up for it (ICE)",
                Scene.call.replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 192.168.1.2").replacing(
                    "INVITE out", "a=sendrecv", "a=candidate:1 1 UDP 1 203.0.113.5 4000 typ srflx")),
        ],
        .call(needs: [.relayedSession, .relayedRequest, .any(.hasPrivateMedia)]) {
            (context: CallContext) -> Evidence? in
            for (inPlace, out) in context.pairs where context.records[out].isRequest {
                guard [.invite, .update, .prack, .ack].contains(context.records[out].method), !context.isLaboratory,
                    let (address, port) = context.privateMediaPassedOn(inPlace, out)
                else { continue }
                return Evidence(
                    "The \(context.records[out].method.name) told \(context.callee(inPlace)) to send sound to \(address):\(port), "
                        + "an address that only exists behind the caller's router.",
                    [context.number(inPlace), context.number(out)],
                    severity: context.ledgers?.known.latching.contains(context.records[out].destination.ip) == true
                        ? .notice : nil)
            }
            return nil
        })
}

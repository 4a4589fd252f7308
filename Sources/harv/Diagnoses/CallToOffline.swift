import SIPKit

extension Diagnosis {
    static let callToOffline = Diagnosis(
        "A14", "call-to-offline", .info, .certain,
        "calls to who is not registered",
        sees: "missed calls that no phone shows",
        condition: "the server itself answers a call with 404 or 480, and nobody is registered under that name",
        why: "nothing is wrong with the server",
        remedy: "tell the called ones (missed-call list), or send such calls to voice mail",
        sources: "seed 003 \"Reporting Missed Calls\"",
        explains: [],
        examples: [
            .yes("404 from the server", Scene.answeredByServer(404, "Not Found")),
            .no("404 from the callee", Scene.refused(404, "Not Found")),
            .no("an answered call", Scene.call),
        ],
        .population { $0.ledgers.absences.offline.evidence })
}

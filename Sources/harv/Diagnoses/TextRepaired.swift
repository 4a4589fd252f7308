import SIPKit
import SIPTrace

extension Diagnosis {
    static let textRepaired = Diagnosis(
        "O7", "text-repaired", .info, .certain,
        "text repaired after mail",
        sees: "nothing",
        condition: "messages whose lines were wrapped, quoted or had their addresses changed by a mail program",
        why: "the repair is certain where the body is as long as Content-Length says",
        remedy: "attach traces as files",
        sources: "seed 000",
        explains: [],
        examples: [
            .yes("a wrapped trace", Scene.call.mangled),
            .no("a trace as ngrep printed it", Scene.call),
        ],
        .population { (population: Population) -> [Evidence] in
            let count = population.summary.text.mangled
            return count > 0
                ? [
                    Evidence(
                        "\(count) messages were put together again after a mail program had changed them.", count: count
                    )
                ] : []
        })
}

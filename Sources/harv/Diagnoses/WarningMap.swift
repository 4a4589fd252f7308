import SIPKit

extension Diagnosis {
    static let warningMap = Diagnosis(
        "O2", "warning-map", .info, .certain,
        "what the server's warnings tell",
        sees: "which server of a chain answered, and what it made of a number",
        condition: "Warning 392 headers of SER and its kin; a warning when two sets of processes take turns on one "
            + "address",
        why: "SER writes its process, and the URI that came and that left, into its own answers",
        remedy: "use it to find out where in a chain a call failed; two servers on one address must not be",
        sources: "seed 003 \"Tracing Errors in Server Chains\"",
        explains: [],
        examples: [
            .yes(
                "a 100 with a warning",
                Scene.call.adding(
                    "Warning",
                    "392 192.0.2.10:5060 \"Noisy feedback tells: pid=2783 req_src_ip=203.0.113.5 in_uri=sip:bob@example.net out_uri=sip:bob@198.51.100.7 via_cnt==1\"",
                    to: "100 out")),
            .no("no warning", Scene.call),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.serverTraces.servers.filter { $0.value.warnings > 0 }.sorted {
                "\($0.key)" < "\($1.key)"
            }
            .map { address, server in
                let pids = server.processes.keys.sorted().prefix(12).map { "\($0)" }.joined(separator: ", ")
                let example = server.rewritten.min { $0.key < $1.key }.map { "; it made \($0.value) of \($0.key)" }
                let turns = server.restarts.count >= 3
                return Evidence(
                    "\(address) answered from \(server.processes.count == 1 ? "process" : "\(server.processes.count) processes") \(pids)\(example ?? "")\(turns ? "; their sets take turns, as if two servers had one address" : "").",
                    severity: turns ? .warning : nil, count: server.warnings)
            }
        })
}

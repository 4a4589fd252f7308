import SIPKit
import SIPNet

/// `--lookup`: where a URI leads, step by step, without sending anything there.
struct LookupPrinter {
    let options: SipsakOptions
    let console: any Console
    let reporter: (any Reporter)?

    func run(_ target: TargetURI) -> ExitStatus {
        let uri = self.options.outboundProxy ?? target
        let resolution = TargetFinder(options: self.options).find(uri)
        let status: ExitStatus = resolution.targets.isEmpty ? .unresolvable : .ok
        self.reporter?.lookup(uri.text, resolution)
        self.reporter?.summary(ProbeTally(), status)
        guard self.options.printsText else { return status }
        self.console.out("\(self.console.line(uri.text.utf8))\n")
        for (index, step) in resolution.steps.enumerated() {
            self.console.out("  step \(index + 1): \(self.console.line(step.description.utf8))\n")
        }
        if let failure = resolution.failure, resolution.targets.isEmpty {
            self.console.out("  nowhere: \(self.console.line(failure.utf8))\n")
        }
        for (index, place) in resolution.targets.enumerated() {
            let name =
                place.transport.isSecure
                ? ", the certificate has to name \(self.console.line(place.serverName.utf8))" : ""
            self.console.out(
                "  \(index == 0 ? "send to" : "else to") \(place.address) over \(place.transport.parameterName)\(name)\n"
            )
        }
        return status
    }
}

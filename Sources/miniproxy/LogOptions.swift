import ArgumentParser

/// Where the log goes and how much: the command line before the script, the script before what is usual.
struct LogOptions: ParsableArguments {
    @Flag(name: [.customShort("E"), .long], help: "Log to standard error, whatever the script says.")
    var logStderr = false

    @Flag(help: "Log to the system's log.")
    var syslog = false

    @Option(help: ArgumentHelp("The socket of the system's log.", valueName: "path", visibility: .hidden))
    var syslogSocket = "/dev/log"

    func validate() throws {
        guard !(self.logStderr && self.syslog) else {
            throw ValidationError("--log-stderr and --syslog: say one of them")
        }
    }

    /// SER's `debug`, `log_stderror`, `log_facility` and `log_name` (LANGUAGE.md §3).
    func log(_ script: CheckedScript, verbose: Int) -> ProxyLog {
        let threshold = (script.global("debug").last?.integer ?? 2) + verbose
        let wantsSyslog = self.syslog || script.global("log_stderror").last?.integer == 0
        guard wantsSyslog, !self.logStderr else { return ProxyLog(threshold: threshold) }
        let facility = script.global("log_facility").last.flatMap { SyslogSocket.facilities[$0.text.uppercased()] } ?? 3
        let name = script.global("log_name").last?.text ?? "miniproxy"
        guard let socket = SyslogSocket(path: self.syslogSocket, facility: facility, name: name) else {
            let log = ProxyLog(threshold: threshold)
            log(1, "nobody listens at \(self.syslogSocket): the log goes to standard error")
            return log
        }
        return ProxyLog(threshold: threshold, syslog: socket)
    }
}

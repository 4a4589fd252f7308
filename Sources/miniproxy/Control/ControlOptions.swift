import ArgumentParser
import SIPKit

/// Where a running proxy can be talked to: the command line before the script.
struct ControlOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The socket for `miniproxy ctl` (JSON-RPC); `none` for none. Usually one in $XDG_RUNTIME_DIR or /tmp.",
            valueName: "path"))
    var control: String?

    @Option(
        help: ArgumentHelp("SER's command FIFO, whatever the script's `fifo` says; `none` for none.", valueName: "path")
    )
    var fifo: String?

    @Option(
        help: ArgumentHelp("Answer GET /metrics (Prometheus) and /stats (JSON) here.", valueName: "address:port"))
    var metrics: String?

    func validate() throws {
        if let metrics = self.metrics, SocketAddress(metrics[...], defaultPort: 9100) == nil {
            throw ValidationError("--metrics \(metrics): expected an address and a port, as 127.0.0.1:9100")
        }
    }

    func settings(_ script: CheckedScript, _ listen: [SocketAddress]) -> ControlSettings {
        var settings = ControlSettings()
        settings.isAsked = self.control != nil
        if self.control != "none" {
            settings.socket = self.control ?? ControlSocketPath.standard(port: listen.first?.port ?? 5060)
        }
        if self.fifo != "none" { settings.fifo = self.fifo ?? script.global("fifo").last?.text }
        if settings.fifo?.isEmpty == true { settings.fifo = nil }
        if let folder = script.global("fifo_dir").last?.text { settings.fifoFolder = folder }
        if let mode = script.global("fifo_mode").last?.integer, (0...0o777).contains(mode) {
            settings.mode = UInt32(mode)
        }
        settings.metrics = self.metrics.flatMap { SocketAddress($0[...], defaultPort: 9100) }
        return settings
    }
}

import SIPKit

/// The script, as the engine sees it: blocks that run over a context.
struct Policy: Sendable {
    let program: Program<RouteContext>
    let processID: Int32
    let logger: ProxyLog
    /// Takes the lines of `log()`, `xlog()` and accounting instead of the log, for those who want to look at them.
    let listener: (@Sendable (_ level: Int, _ line: String) -> Void)?
    private let main: BlockID?

    init(
        program: Program<RouteContext>, processID: Int32, logger: ProxyLog,
        listener: (@Sendable (_ level: Int, _ line: String) -> Void)? = nil
    ) {
        self.program = program
        self.processID = processID
        self.logger = logger
        self.listener = listener
        self.main = program.main
    }

    /// A run of the main block.
    func requestRun(tracing: Bool) -> Run? { self.main.map { self.program.run($0, tracing: tracing) } }

    func log(_ level: Int, _ text: ArraySlice<UInt8>) {
        guard let listener = self.listener else { return self.logger.script(level, text) }
        listener(level, Printable.text(Array(text.last == ASCII.lf ? text.dropLast() : text)))
    }
}

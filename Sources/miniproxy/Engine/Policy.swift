import SIPKit

/// The script, as the engine sees it: blocks that run over a context.
struct Policy: Sendable {
    let program: Program<RouteContext>
    let processID: Int32
    let logger: ProxyLog
    private let main: BlockID?

    init(program: Program<RouteContext>, processID: Int32, logger: ProxyLog) {
        self.program = program
        self.processID = processID
        self.logger = logger
        self.main = program.main
    }

    /// A run of the main block.
    func requestRun(tracing: Bool) -> Run? { self.main.map { self.program.run($0, tracing: tracing) } }

    func log(_ level: Int, _ text: ArraySlice<UInt8>) { self.logger.script(level, text) }
}

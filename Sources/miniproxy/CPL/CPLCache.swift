import Synchronization

/// Scripts that have been read, by their text: a script that has changed is another text, so nothing here grows stale.
final class CPLCache: Sendable {
    private let scripts = Mutex<[[UInt8]: Result<CPLScript, CPLError>]>([:])
    /// How many are remembered; when there are more, all are forgotten. A text has at most 64 KiB.
    static let limit = 1_000

    /// - Throws: ``CPLError``.
    func script(_ text: [UInt8]) throws(CPLError) -> CPLScript {
        if let known = self.scripts.withLock({ $0[text] }) { return try known.get() }
        let result: Result<CPLScript, CPLError>
        do throws(CPLError) {
            result = .success(try CPLReader.read(text))
        } catch {
            result = .failure(error)
        }
        self.scripts.withLock { scripts in
            if scripts.count >= Self.limit { scripts.removeAll() }
            scripts[text] = result
        }
        return try result.get()
    }
}

import SIPKit

/// The same request with several values of Max-Forwards at once: every hop of a path answers side by side.
struct HopSweep {
    let session: Session
    let draft: Draft
    var policy: Probe.Policy

    /// Sends to each hop of `hops`; how each ended. Empty when Ctrl-C came.
    func run(_ hops: Range<Int>, to place: SocketAddress) -> [Int: Session.Finished] {
        let pool = ProbePool(session: self.session)
        var results: [Int: Session.Finished] = [:]
        pool.finished = { hop, finished in results[hop] = finished }
        for hop in hops {
            var request = self.session.factory.anew(self.draft)
            request.remove(.authorization)
            request.remove(.proxyAuthorization)
            request.set(.maxForwards, "\(hop)")
            pool.start(
                request, tag: hop, to: place, policy: self.policy,
                digest: self.session.digest(for: self.session.target.user))
        }
        while pool.count > 0, !pool.isInterrupted { pool.step(until: .distantFuture) }
        return pool.isInterrupted ? [:] : results
    }
}

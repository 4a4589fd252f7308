import SIPKit

/// What the media relay may use, and for how long it waits.
struct MediaSettings: Sendable {
    /// Ports of the relay: even ones carry RTP, the odd ones behind them RTCP.
    var ports: ClosedRange<UInt16> = 35_000...45_999
    /// The addresses it sends from, best first; one of the family that a side needs is taken.
    var addresses: [IPAddress] = []
    /// How long after an offer or an answer the first packet of a phone behind NAT is believed.
    var window: TimerInterval = .seconds(15)
    /// A call whose packets have stopped for so long is over.
    var idle: TimerInterval = .seconds(120)
    /// A call that has not been answered; one that was refused ends this way too, where the script does not end it.
    var ringing: TimerInterval = .seconds(300)
    /// A call on hold may be silent for so long.
    var hold: TimerInterval = .seconds(3_600)
    var sessionLimit = 4_000
    var streamLimit = 8
    /// Who carries media for `force_rtp_proxy` and its like.
    var engine = Engine.script
    /// `rtpproxy_retr`, `rtpproxy_tout`, `rtpproxy_disable_tout`: how an engine is asked.
    var retries = 5
    var patience: TimerInterval = .seconds(1)
    var rest: TimerInterval = .seconds(60)
    /// Where other proxies' commands are taken (rtpproxy's protocol); `nil` for nowhere.
    var listener: SocketAddress?

    enum Engine: Sendable, Equatable {
        /// What the script's `rtpproxy_sock` names, where somebody can be there; else our relay.
        case script
        case own
        case external(RTPProxyAddress)
    }
}

extension MediaSettings {
    /// What the script says of rtpproxy (FUNCTIONS.md §12).
    mutating func read(_ script: CheckedScript) {
        for setting in script.moduleSettings where ["nathelper", "rtpproxy"].contains(setting.module) {
            guard let number = setting.value.integer else { continue }
            switch setting.name {
            case "rtpproxy_retr": self.retries = number
            case "rtpproxy_tout": self.patience = .seconds(Int64(Swift.max(1, number)))
            case "rtpproxy_disable_tout": self.rest = .seconds(Int64(number))
            default: break
            }
        }
    }

    /// The engine that `force_rtp_proxy` and its like ask; `nil` for our relay.
    ///
    /// A script that only names a Unix socket names what its author had. Where nobody is at that path, our relay does the
    /// work: it needs no other program. A socket of UDP is an engine, whether it answers now or not.
    ///
    /// - Parameter exists: whether there is something at a path.
    func external(_ script: CheckedScript, exists: (String) -> Bool, log: ProxyLog) -> RTPProxyAddress? {
        switch self.engine {
        case .own: return nil
        case .external(let address): return address
        case .script: break
        }
        for module in ["rtpproxy", "nathelper"] {
            guard let text = script.setting(module, "rtpproxy_sock")?.text,
                script.setting(module, "rtpproxy_disable")?.integer != 1
            else { continue }
            // Kamailio lists several, some with a weight or a set in front; the first one serves.
            let words = text.split(separator: " ").map(String.init)
            guard let address = words.lazy.compactMap({ RTPProxyAddress($0) }).first else {
                log(
                    -1,
                    "rtpproxy_sock \"\(text)\": expected udp:address:port or unix:/path; our own relay carries media")
                return nil
            }
            if case .unix(let path) = address, !exists(path) {
                log(2, "rtpproxy_sock: there is nothing at \(path); our own relay carries media")
                return nil
            }
            return address
        }
        return nil
    }
}

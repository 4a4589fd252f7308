/// One option as the command line writes it.
struct OptionName: Sendable {
    enum Argument: Sendable { case none, required, optional }
    enum Origin: Sendable { case original, added }

    let id: OptionID
    let letter: UInt8?
    /// The first is the one that messages use.
    let names: [String]
    let argument: Argument
    let origin: Origin

    /// What a person would look for: `--interval`, `-s`.
    var display: String {
        self.names.first.map { "--\($0)" } ?? self.letter.map { "-\(Character(UnicodeScalar($0)))" } ?? "?"
    }
}

/// Every option. The letters and names of the original keep their meaning (`docs/sipsak.md` has the list with sentences).
enum OptionID: String, Sendable, CaseIterable {
    // The original's, in the order of their letters.
    case timing, password, messageBody, appendixBegin, contact, from, timeoutFactor, ignoreRedirects, transport,
        appendixEnd
    case floodMode, filename, replace, replaceString, hostname, help, inviteMode, noVia, authHash, headers, syslog,
        localIP
    case noCRLF, localPort, messageMode, maxForwards, nagios, numeric, disposition, sleep, processes, outboundProxy
    case search, randomMode, remotePort, symmetric, sipURI, traceroute, trashChars, usrlocMode, authUsername, version
    case verbose, nagiosWarn, extractIP, expires, removeBindings, timerT1
    case tlsCA, tlsCertificate, tlsIgnore
    // Ours.
    case json, ping, count, interval, timeout, ok, mtr, hopDetail, seed, rate, duration, concurrency
    case perfdata, warnRTT, critRTT, warnLoss, critLoss, prometheus, ipv4, ipv6, color, method, body, contentType,
        header
    case exporter, pcap, registerHold, uas, uasCode, ring, call, hold, passwordFile, passwordEnvironment, strictExit,
        dryRun, completions,
        manual
    case to, event, referTo, userAgent, compact, route, viaAddress, mark, maxAuth, authAlgorithms, authQuality
    case deadline, bell, quiet, csv, logFormat, histogram, hep, unknownCode, hangUp, dscp, interface, media
    case subscribe, publish, scenario, users, ramp, mutator, saveCrash, watch, probes, parallel
    case identityKey, identityURL, attestation, verifyIdentity
    case tlsKey, tlsName, tlsMinimum, tlsInfo, certificateDays, dnsServer, noSRV, noNAPTR, resolve, lookup, allTargets,
        targets
}

enum OptionTable {
    static let all: [OptionName] = [
        legacy(.timing, "A", ["timing"], .required),
        legacy(.password, "a", ["password"], .required),
        legacy(.messageBody, "B", ["message-body"], .required),
        legacy(.appendixBegin, "b", ["appendix-begin"], .required),
        legacy(.contact, "C", ["contact"], .required),
        legacy(.from, "c", ["from"], .required),
        legacy(.timeoutFactor, "D", ["timeout-factor"], .required),
        legacy(.ignoreRedirects, "d", ["ignore-redirects"]),
        legacy(.transport, "E", ["transport"], .required),
        legacy(.appendixEnd, "e", ["appendix-end"], .required),
        legacy(.floodMode, "F", ["flood-mode"]),
        legacy(.filename, "f", ["filename"], .required),
        legacy(.replace, "G", ["replace"]),
        legacy(.replaceString, "g", ["replace-string"], .required),
        legacy(.hostname, "H", ["hostname"], .required),
        legacy(.help, "h", ["help"]),
        legacy(.inviteMode, "I", ["invite-mode"]),
        legacy(.noVia, "i", ["no-via"]),
        legacy(.authHash, "J", ["authhash", "autohash"], .required),
        legacy(.headers, "j", ["headers"], .required),
        legacy(.syslog, "K", ["syslog"], .required),
        legacy(.localIP, "k", ["local-ip"], .required),
        legacy(.noCRLF, "L", ["no-crlf"]),
        legacy(.localPort, "l", ["local-port"], .required),
        legacy(.messageMode, "M", ["message-mode"]),
        // The original spells the long name wrongly and accepts nothing else; both are accepted here.
        legacy(.maxForwards, "m", ["max-forwards", "max-fowards"], .required),
        legacy(.nagios, "N", ["nagios-code"]),
        legacy(.numeric, "n", ["numeric"]),
        legacy(.disposition, "O", ["disposition"], .required),
        legacy(.sleep, "o", ["sleep"], .required),
        legacy(.processes, "P", ["processes"], .required),
        legacy(.outboundProxy, "p", ["outbound-proxy"], .required),
        legacy(.search, "q", ["search"], .required),
        legacy(.randomMode, "R", ["random-mode"]),
        legacy(.remotePort, "r", ["remote-port"], .required),
        legacy(.symmetric, "S", ["symmetric"]),
        legacy(.sipURI, "s", ["sip-uri"], .required),
        legacy(.traceroute, "T", ["traceroute-mode"]),
        legacy(.trashChars, "t", ["trash-chars"], .required),
        legacy(.usrlocMode, "U", ["usrloc-mode"]),
        legacy(.authUsername, "u", ["auth-username"], .required),
        legacy(.version, "V", ["version"]),
        legacy(.verbose, "v", ["verbose"]),
        legacy(.nagiosWarn, "W", ["nagios-warn"], .required),
        legacy(.extractIP, "w", ["extract-ip"]),
        legacy(.expires, "x", ["expires"], .required),
        legacy(.removeBindings, "z", ["remove-bindings"], .required),
        legacy(.timerT1, "Z", ["timer-t1"], .required),
        legacy(.tlsCA, nil, ["tls-ca-cert"], .required),
        legacy(.tlsCertificate, nil, ["tls-client-cert"], .required),
        legacy(.tlsIgnore, nil, ["tls-ignore-cert-failure"]),
        added(.ipv4, "4", "ipv4"), added(.ipv6, "6", "ipv6"),
        added(.method, "X", "method", .required),
        added(.header, nil, "header", .required),
        added(.body, nil, "body", .required),
        added(.contentType, nil, "content-type", .required),
        added(.dryRun, nil, "print"),
        added(.passwordFile, nil, "password-file", .required),
        added(.passwordEnvironment, nil, "password-env", .required),
        added(.ping, nil, "ping"),
        added(.count, nil, "count", .required),
        added(.interval, nil, "interval", .required),
        added(.timeout, nil, "timeout", .required),
        added(.ok, nil, "ok", .required),
        added(.hopDetail, nil, "hop-detail"),
        added(.mtr, nil, "mtr"),
        added(.json, nil, "json"),
        added(.prometheus, nil, "prom", .optional),
        added(.perfdata, nil, "perfdata"),
        added(.warnRTT, nil, "warn-rtt", .required),
        added(.critRTT, nil, "crit-rtt", .required),
        added(.warnLoss, nil, "warn-loss", .required),
        added(.critLoss, nil, "crit-loss", .required),
        added(.strictExit, nil, "strict-exit"),
        added(.color, nil, "color", .optional),
        added(.seed, nil, "seed", .required),
        added(.rate, nil, "rate", .required),
        added(.duration, nil, "duration", .required),
        added(.concurrency, nil, "concurrency", .required),
        added(.call, nil, "call"),
        added(.hold, nil, "hold", .required),
        added(.uas, nil, "uas"),
        added(.uasCode, nil, "uas-code", .required),
        added(.ring, nil, "ring", .required),
        added(.exporter, nil, "exporter", .required),
        added(.pcap, nil, "pcap", .required),
        added(.registerHold, nil, "register-hold", .required),
        added(.to, nil, "to", .required),
        added(.event, nil, "event", .required),
        added(.referTo, nil, "refer-to", .required),
        added(.userAgent, nil, "user-agent", .required),
        added(.compact, nil, "compact"),
        added(.route, nil, "route", .required),
        added(.viaAddress, nil, "via-addr", .required),
        added(.mark, nil, "set", .required),
        added(.maxAuth, nil, "max-auth", .required),
        added(.authAlgorithms, nil, "auth-algorithms", .required),
        added(.authQuality, nil, "auth-qop", .required),
        added(.deadline, nil, "deadline", .required),
        added(.bell, nil, "bell"),
        added(.quiet, "Q", "quiet"),
        added(.csv, nil, "csv"),
        added(.logFormat, nil, "log-format", .required),
        added(.histogram, nil, "histogram"),
        added(.hep, nil, "hep", .required),
        added(.unknownCode, nil, "unknown-code"),
        added(.hangUp, nil, "hangup"),
        added(.dscp, nil, "dscp", .required),
        added(.interface, nil, "interface", .required),
        added(.media, nil, "media", .required),
        added(.subscribe, nil, "subscribe"),
        added(.publish, nil, "publish"),
        added(.scenario, nil, "scenario", .required),
        added(.users, nil, "users", .required),
        added(.ramp, nil, "ramp", .required),
        added(.mutator, nil, "mutator", .required),
        added(.saveCrash, nil, "save-crash", .required),
        added(.watch, nil, "watch", .required),
        added(.probes, nil, "probes", .required),
        added(.parallel, nil, "parallel"),
        added(.tlsKey, nil, "tls-client-key", .required),
        added(.tlsName, nil, "tls-sni", .required),
        added(.tlsMinimum, nil, "tls-min", .required),
        added(.tlsInfo, nil, "tls-info"),
        added(.certificateDays, nil, "cert-days", .required),
        added(.dnsServer, nil, "dns-server", .required),
        added(.noSRV, nil, "no-srv"),
        added(.noNAPTR, nil, "no-naptr"),
        added(.resolve, nil, "resolve", .required),
        added(.lookup, nil, "lookup"),
        added(.allTargets, nil, "all-targets"),
        added(.targets, nil, "targets", .required),
        added(.identityKey, nil, "identity-key", .required),
        added(.identityURL, nil, "identity-x5u", .required),
        added(.attestation, nil, "attest", .required),
        added(.verifyIdentity, nil, "verify-identity", .required),
        added(.manual, nil, "man"),
        added(.completions, nil, "completions", .required),
    ]

    private static func legacy(
        _ id: OptionID, _ letter: String?, _ names: [String], _ argument: OptionName.Argument = .none
    ) -> OptionName {
        OptionName(id: id, letter: letter?.utf8.first, names: names, argument: argument, origin: .original)
    }

    private static func added(
        _ id: OptionID, _ letter: String?, _ name: String, _ argument: OptionName.Argument = .none
    ) -> OptionName {
        OptionName(id: id, letter: letter?.utf8.first, names: [name], argument: argument, origin: .added)
    }
}

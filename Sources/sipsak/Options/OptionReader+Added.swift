import SIPKit

/// The options that the original does not have.
extension OptionReader {
    static func applyAdded(
        _ item: OptionScanner.Scanned.Item, _ options: inout SipsakOptions
    ) throws(UsageError) {
        let value = item.value ?? ""
        func number(_ range: ClosedRange<Int>) throws(UsageError) -> Int {
            try Self.number(value, range, item.spelling)
        }
        switch item.id {
        case .ipv4: options.family = .v4
        case .ipv6: options.family = .v6
        case .method:
            guard !value.isEmpty, value.utf8.allSatisfy(ASCII.isToken) else {
                throw UsageError("not a method name: '\(Printable.text(value.utf8))' (\(item.spelling))")
            }
            options.method = value
        case .header:
            guard let colon = value.utf8.firstIndex(of: ASCII.colon), value.utf8[..<colon].allSatisfy(ASCII.isToken),
                colon > value.utf8.startIndex
            else {
                throw UsageError(
                    "a header is written 'NAME: VALUE', not '\(Printable.text(value.utf8))' (\(item.spelling))")
            }
            options.headerLines.append(value)
        case .body: options.body = value
        case .contentType: options.contentType = value
        case .dryRun: options.dryRun = true
        case .passwordFile: options.passwordFile = value
        case .passwordEnvironment: options.passwordVariable = value
        case .ping: options.pings = true
        case .count: options.count = try number(1...1_000_000_000)
        case .interval: options.interval = .milliseconds(try number(0...86_400_000))
        case .timeout: options.timeout = .milliseconds(try number(1...86_400_000))
        case .ok:
            var codes: Set<Int> = []
            for word in value.split(separator: ",") {
                codes.insert(try Self.number(String(word), 200...699, item.spelling))
            }
            guard !codes.isEmpty else { throw UsageError("no codes given (\(item.spelling))") }
            options.goodCodes = codes
        case .hopDetail: options.hopDetail = true
        case .mtr: options.mtr = true
        case .json: options.json = true
        case .prometheus: options.prometheus = value.isEmpty ? .standardOutput : .file(value)
        case .perfdata: options.perfdata = true
        case .warnRTT: options.thresholds.warnTime = .milliseconds(try number(0...86_400_000))
        case .critRTT: options.thresholds.critTime = .milliseconds(try number(0...86_400_000))
        case .warnLoss: options.thresholds.warnLoss = Double(try number(0...100))
        case .critLoss: options.thresholds.critLoss = Double(try number(0...100))
        case .strictExit: options.strictExit = true
        case .rate: options.rateText = value
        case .duration: options.duration = Double(try number(1...1_000_000))
        case .concurrency: options.concurrency = try number(1...1_000_000)
        case .call: options.calls = true
        case .hold: options.hold = .milliseconds(try number(1...86_400_000))
        case .uas: options.answers = true
        case .uasCode: options.answerCode = try number(200...699)
        case .ring: options.ring = .milliseconds(try number(0...180_000))
        case .exporter: options.exporter = try Self.address(value, item.spelling)
        case .pcap: options.copyFile = value
        case .registerHold: options.registerHold = .seconds(try number(0...31_536_000))
        case .manual: options.document = .manual
        case .completions: options.document = .completions(value)
        case .seed: options.seed = UInt64(try number(0...Int.max))
        case .color:
            switch value {
            case "", "always": options.color = .always
            case "auto": options.color = .auto
            case "never": options.color = .never
            default:
                throw UsageError(
                    "color is auto, always or never, not '\(Printable.text(value.utf8))' (\(item.spelling))")
            }
        default: try Self.applyMore(item, &options)
        }
    }

    private static func applyMore(
        _ item: OptionScanner.Scanned.Item, _ options: inout SipsakOptions
    ) throws(UsageError) {
        let value = item.value ?? ""
        func number(_ range: ClosedRange<Int>) throws(UsageError) -> Int {
            try Self.number(value, range, item.spelling)
        }
        switch item.id {
        case .to: options.details.to = try Self.headerText(value, item.spelling)
        case .event: options.details.event = try Self.headerText(value, item.spelling)
        case .referTo: options.details.referTo = try Self.headerText(value, item.spelling)
        case .userAgent: options.details.userAgent = try Self.headerText(value, item.spelling)
        case .compact: options.details.isCompact = true
        case .route: options.details.routes.append(try Self.headerText(value, item.spelling))
        case .viaAddress:
            let address = try TargetURI.proxy(value, spelling: item.spelling)
            options.details.viaHost = address.host
            options.details.viaPort = address.port
        case .mark:
            let bytes = Array(value.utf8)
            guard let equals = bytes.firstIndex(of: ASCII.equals), equals > 0 else {
                throw UsageError("a mark is set with NAME=VALUE, not '\(Printable.text(bytes))' (\(item.spelling))")
            }
            options.details.marks.append(
                MarkReplacement(
                    name: String(decoding: bytes[..<equals], as: UTF8.self),
                    value: String(decoding: bytes[(equals + 1)...], as: UTF8.self)))
        case .maxAuth: options.maxAuth = try number(0...20)
        case .authAlgorithms: options.authAlgorithms = try Self.algorithms(value, item.spelling)
        case .authQuality: options.authQuality = try Self.quality(value, item.spelling)
        case .deadline: options.deadline = .seconds(try number(1...31_536_000))
        case .bell: options.rings = true
        case .quiet: options.quiet = true
        case .csv: options.csv = true
        case .logFormat:
            options.logFormat = try LogFormat(value, columns: CSVReporter.columns)
            options.csv = true
        case .histogram: options.histogram = true
        case .hep: options.hep = try Self.address(value, item.spelling)
        case .unknownCode: options.unknownCode = true
        case .hangUp: options.hangsUp = true
        case .dscp: options.dscp = UInt8(try number(0...63))
        case .interface:
            guard let ip = LocalInterface.address(of: value, family: options.family) else {
                throw UsageError("no interface '\(Printable.text(value.utf8))' with an address (\(item.spelling))")
            }
            options.localIP = ip
        case .media: options.media = value == "tone" ? .tone : value == "none" ? .none : .file(value)
        case .subscribe: options.subscribes = true
        case .publish: options.publishes = true
        case .scenario: options.scenarioFile = value
        case .users: options.usersFile = value
        case .ramp: try Self.ramp(value, item.spelling, &options)
        case .mutator:
            for word in value.split(separator: ",") {
                if word == "all" {
                    options.fuzz.kinds += Mutator.Kind.allCases
                    continue
                }
                guard let kind = Mutator.Kind(rawValue: String(word)) else {
                    let known = Mutator.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw UsageError(
                        "no mutator '\(Printable.text(word.utf8))', there are \(known), all (\(item.spelling))")
                }
                options.fuzz.kinds.append(kind)
            }
        case .saveCrash: options.fuzz.crashFolder = value
        case .watch: options.fuzz.watch = .milliseconds(try number(1...60_000))
        case .probes: options.probes = try number(1...100)
        case .parallel: options.isParallel = true
        default: try Self.applyNetwork(item, &options)
        }
    }

    private static func applyNetwork(
        _ item: OptionScanner.Scanned.Item, _ options: inout SipsakOptions
    ) throws(UsageError) {
        let value = item.value ?? ""
        switch item.id {
        case .tlsKey: options.tls.keyFile = value
        case .tlsName: options.tls.serverName = value
        case .tlsMinimum:
            guard value == "1.2" || value == "1.3" else {
                throw UsageError("a TLS version is 1.2 or 1.3, not '\(Printable.text(value.utf8))' (\(item.spelling))")
            }
            options.tls.minimum = value
        case .tlsInfo: options.tls.showsFacts = true
        case .certificateDays:
            let parts = value.split(separator: ",", omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw UsageError("days are WARN,FAIL, not '\(Printable.text(value.utf8))' (\(item.spelling))")
            }
            options.tls.days = (
                try Self.number(String(parts[0]), 0...100_000, item.spelling),
                try Self.number(String(parts[1]), 0...100_000, item.spelling)
            )
        case .dnsServer:
            let bytes = Array(value.utf8)
            guard let address = SocketAddress(value) ?? IPAddress(value).map({ SocketAddress($0, 53) }) else {
                throw UsageError("a name server is IP[:PORT], not '\(Printable.text(bytes))' (\(item.spelling))")
            }
            options.lookup.server = address
        case .noSRV: options.lookup.asksServices = false
        case .noNAPTR: options.lookup.asksNAPTR = false
        case .resolve: options.lookup.overrides.append(try Self.override(value, item.spelling))
        case .lookup: options.lookup.isShown = true
        case .allTargets: options.lookup.everyTarget = true
        case .targets: options.lookup.targetsFile = value
        case .identityKey: options.identity.keyFile = value
        case .identityURL:
            guard value.hasPrefix("https://") || value.hasPrefix("http://"),
                value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
                !value.utf8.contains(ASCII.greater)
            else { throw UsageError("not a URL: '\(Printable.text(value.utf8))' (\(item.spelling))") }
            options.identity.certificateURL = value
        case .attestation:
            guard ["A", "B", "C"].contains(value) else {
                throw UsageError("an attestation is A, B or C, not '\(Printable.text(value.utf8))' (\(item.spelling))")
            }
            options.identity.attestation = value
        case .verifyIdentity: options.identity.trusted = value
        default: throw UsageError("\(item.spelling) cannot be done")
        }
    }

    // MARK: Values

    /// `HOST:PORT:IP`.
    private static func override(
        _ value: String, _ spelling: String
    ) throws(UsageError) -> SipsakOptions.LookupOptions.Override {
        let parts = value.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !parts[0].isEmpty, let ip = IPAddress(parts[2]) else {
            throw UsageError("an address for a host is HOST:PORT:IP, not '\(Printable.text(value.utf8))' (\(spelling))")
        }
        return .init(host: parts[0].lowercasedASCII, port: try Self.port(parts[1], spelling, lowest: 0), ip: ip)
    }

    /// Text for a header line: a line end in it would begin another header.
    private static func headerText(_ value: String, _ spelling: String) throws(UsageError) -> String {
        guard !value.isEmpty, !value.utf8.contains(where: { $0 < 0x20 && $0 != ASCII.tab }) else {
            throw UsageError("not a header value: '\(Printable.text(value.utf8))' (\(spelling))")
        }
        return value
    }

    static func address(_ value: String, _ spelling: String) throws(UsageError) -> SocketAddress {
        let text = value.hasPrefix(":") ? "127.0.0.1\(value)" : value
        if let address = SocketAddress(text), address.port > 0 { return address }
        let uri = try? TargetURI.proxy(value, spelling: spelling)
        if let uri, let port = uri.port, let ip = NameLookup.addresses(of: uri.host).first {
            return SocketAddress(ip, port)
        }
        throw UsageError("an address is HOST:PORT, not '\(Printable.text(value.utf8))' (\(spelling))")
    }

    private static func algorithms(_ value: String, _ spelling: String) throws(UsageError) -> [DigestAlgorithm] {
        var list: [DigestAlgorithm] = []
        for word in value.split(separator: ",") {
            let bytes = Array(word.utf8)
            guard let known = DigestAlgorithm(parsing: bytes.span, ByteRange(0, bytes.count)) else {
                throw UsageError("unknown digest algorithm '\(Printable.text(word.utf8))' (\(spelling))")
            }
            list.append(known)
        }
        guard !list.isEmpty else { throw UsageError("no digest algorithm given (\(spelling))") }
        return list
    }

    private static func quality(_ value: String, _ spelling: String) throws(UsageError) -> DigestQuality? {
        switch value {
        case "any": nil
        case "auth": .auth
        case "auth-int": .authInt
        default: throw UsageError("qop is auth, auth-int or any, not '\(Printable.text(value.utf8))' (\(spelling))")
        }
    }

    /// `A..B/S`: a rate that climbs from A to B within S seconds.
    private static func ramp(
        _ value: String, _ spelling: String, _ options: inout SipsakOptions
    ) throws(UsageError) {
        let parts = value.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].contains("..") else {
            throw UsageError("a ramp is A..B/SECONDS, not '\(Printable.text(value.utf8))' (\(spelling))")
        }
        options.rateText = String(parts[0])
        options.duration = Double(try Self.number(String(parts[1]), 1...1_000_000, spelling))
    }
}

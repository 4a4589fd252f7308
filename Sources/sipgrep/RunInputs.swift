import Glibc
import SIPKit
import SIPTrace

/// The inputs that are no capture files: devices, HEP, texts.
extension Run {
    func readDevices(
        _ extractor: inout MessageExtractor, _ presenter: inout Presenter
    ) throws(Failure) -> (drops: LiveCapture.Drops, hasFailed: Bool) {
        var devices: [LiveCapture] = []
        var hasFailed = false
        for name in self.settings.devices { devices.append(try self.openDevice(name)) }
        try Privileges.enter(self.settings.root)
        if let user = self.settings.user { try Privileges.drop(to: user) }
        presenter.begin(.devices(devices), link: devices.first?.link ?? .ethernet)
        presenter.flush()
        // One device is waited for; several are asked in turn, with a short rest when none had anything.
        let patience: Int32 = devices.count == 1 ? 100 : 0
        while !presenter.isDone, !SignalWatch.shouldEnd, !devices.isEmpty {
            var isQuiet = true
            for (index, device) in devices.enumerated().reversed() {
                do {
                    let batch = try device.take(timeout: patience) { record, bytes in
                        guard !presenter.isDone else { return }
                        extractor.take(bytes, record, input: index) { origin, message in
                            presenter.take(origin, message, record, packet: bytes)
                        }
                        if !self.others.isEmpty { self.others.hand(to: &presenter) }
                    }
                    if case .packets = batch { isQuiet = false }
                    if batch == .ended { devices.remove(at: index) }
                } catch {
                    self.diagnostics.say("\(error)")
                    hasFailed = true
                    devices.remove(at: index)
                }
            }
            self.refreshKeys(&extractor, &presenter)
            presenter.printHashes(upTo: extractor.counts.passed)
            presenter.flush()
            self.tellIfAsked(extractor, presenter.matched) { Self.drops(of: devices) }
            if isQuiet, patience == 0 { _ = poll(nil, 0, 20) }
        }
        return (Self.drops(of: devices), hasFailed)
    }

    private static func drops(of devices: [LiveCapture]) -> LiveCapture.Drops {
        devices.reduce(into: LiveCapture.Drops()) { sum, device in
            let drops = device.drops
            sum.received += drops.received
            sum.byKernel += drops.byKernel
            sum.byInterface += drops.byInterface
        }
    }

    /// What ngrep and its like printed, read back.
    func readTexts(_ presenter: inout Presenter, _ extractor: inout MessageExtractor) throws(Failure) {
        presenter.begin(.texts, link: .raw)
        let record = PacketRecord(time: 0, start: 0, count: 0, wireLength: 0, link: .ethernet)
        for (number, path) in self.settings.texts.enumerated() {
            let source: TextSource
            do {
                source = path == "-" ? TextSource(descriptor: STDIN_FILENO) : try TextSource(path: path)
            } catch {
                throw Failure("--text \(error)")
            }
            var reader = NgrepTextReader(source, input: number)
            while reader.next(), !presenter.isDone, !SignalWatch.shouldEnd {
                guard reader.kind == .message else { continue }
                extractor.takeText(reader.origin, reader.payload) { origin, message in
                    presenter.take(origin, message, record, packet: message.extracting(first: 0))
                }
            }
        }
        presenter.flush()
    }

    private func refreshKeys(_ extractor: inout MessageExtractor, _ presenter: inout Presenter) {
        guard extractor.holdsForKeys, let keys = extractor.keys, keys.refresh() else { return }
        presenter.save(secrets: keys.takeText())
        self.openWaiting(&extractor, &presenter)
    }

    /// Keys came: what waited for them is decoded now. Saved, it is written as new packets.
    func openWaiting(_ extractor: inout MessageExtractor, _ presenter: inout Presenter) {
        let record = PacketRecord(time: 0, start: 0, count: 0, wireLength: 0, link: .ethernet)
        extractor.keysCame { origin, message in
            presenter.take(origin, message, record, packet: message.extracting(first: 0))
        }
    }

    func readHEP(
        _ address: HEPAddress, _ extractor: inout MessageExtractor, _ presenter: inout Presenter
    ) throws(Failure) {
        let listener: HEPListener
        do {
            listener = try HEPListener(address)
        } catch {
            throw Failure("-L \(error)")
        }
        presenter.begin(.hep(address), link: .raw)
        presenter.flush()
        while !presenter.isDone, !SignalWatch.shouldEnd {
            listener.take(timeout: 100) { packet, time in
                let record = PacketRecord(
                    time: time, start: 0, count: packet.count, wireLength: packet.count, link: .raw)
                extractor.takeHEP(packet, time: time) { origin, message in
                    presenter.take(origin, message, record, packet: packet)
                }
            }
            presenter.printHashes(upTo: extractor.counts.passed)
            presenter.flush()
            self.tellIfAsked(extractor, presenter.matched) { nil }
        }
    }

    /// What a router mirrors to us: the packets inside are taken as if they had been captured here.
    func readTZSP(
        _ address: HEPAddress, _ extractor: inout MessageExtractor, _ presenter: inout Presenter
    ) throws(Failure) {
        let listener: TZSPListener
        do {
            listener = try TZSPListener(address)
        } catch {
            throw Failure("--tzsp \(error)")
        }
        presenter.begin(.mirror(address), link: .ethernet)
        presenter.flush()
        while !presenter.isDone, !SignalWatch.shouldEnd {
            listener.take(timeout: 100) { record, bytes in
                extractor.take(bytes, record) { origin, message in
                    presenter.take(origin, message, record, packet: bytes)
                }
                if !self.others.isEmpty { self.others.hand(to: &presenter) }
            }
            self.refreshKeys(&extractor, &presenter)
            presenter.printHashes(upTo: extractor.counts.passed)
            presenter.flush()
            self.tellIfAsked(extractor, presenter.matched) { nil }
        }
        if listener.strange > 0 {
            self.diagnostics.say("--tzsp: \(listener.strange) datagrams were no TZSP with a frame that is known")
        }
    }

    func openDevice(_ name: String) throws(Failure) -> LiveCapture {
        var wanted = LiveCapture.Settings()
        wanted.device = name
        wanted.snapLength = self.settings.snapLength
        wanted.isPromiscuous = self.settings.isPromiscuous
        wanted.bufferSize = self.settings.ringMegabytes << 20
        do {
            let live = try LiveCapture(wanted)
            if let text = self.settings.captureFilter { try live.setFilter(KernelFilter.widened(text, for: live)) }
            for note in live.notes { self.diagnostics.say(note) }
            return live
        } catch {
            throw Failure("\(error)")
        }
    }
}

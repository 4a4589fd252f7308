import Glibc
import SIPTrace

/// Packets of whatever was asked for, some at a time, so that keys are looked at in between.
final class InputFeed {
    private enum Source {
        case files(FileBox)
        case devices([LiveCapture])
        case hep(HEPListener)
        case mirror(TZSPListener)
    }
    /// A reader of files cannot be copied into an enumeration.
    private final class FileBox {
        var merge: CaptureMerge
        init(_ merge: consuming CaptureMerge) { self.merge = merge }
    }

    private var source: Source
    private(set) var notes: [String] = []

    init(files: consuming CaptureMerge) { self.source = .files(FileBox(files)) }
    init(devices: [LiveCapture]) { self.source = .devices(devices) }
    init(hep: HEPListener) { self.source = .hep(hep) }
    init(mirror: TZSPListener) { self.source = .mirror(mirror) }

    /// Hands on what has come, waiting for at most a twentieth of a second.
    ///
    /// - Returns: false when nothing more will come.
    func step(_ extractor: inout MessageExtractor, _ deliver: MessageExtractor.Deliver) -> Bool {
        switch self.source {
        case .files(let box):
            let goesOn = box.merge.next { record, bytes, input in
                extractor.take(bytes, record, input: input, deliver)
                return true
            }
            let secrets = box.merge.takeSecrets()
            if !secrets.isEmpty, extractor.keys?.add(secrets.span) ?? false { extractor.keysCame(deliver) }
            if !goesOn {
                self.notes += box.merge.damages.map(\.description) + box.merge.unknownLinkLines
                extractor.finish(deliver)
            }
            return goesOn
        case .devices(let devices):
            var left = devices
            for (index, device) in devices.enumerated().reversed() {
                do {
                    let batch = try device.take(timeout: index == 0 ? 50 : 0) { record, bytes in
                        extractor.take(bytes, record, input: index, deliver)
                    }
                    if batch == .ended { left.remove(at: index) }
                } catch {
                    self.notes.append(error.description)
                    left.remove(at: index)
                }
            }
            self.source = .devices(left)
            if extractor.holdsForKeys, extractor.keys?.refresh() ?? false { extractor.keysCame(deliver) }
            return !left.isEmpty
        case .hep(let listener):
            listener.take(timeout: 50) { packet, time in extractor.takeHEP(packet, time: time, deliver) }
            return true
        case .mirror(let listener):
            listener.take(timeout: 50) { record, bytes in extractor.take(bytes, record, deliver) }
            return true
        }
    }

    var drops: LiveCapture.Drops {
        guard case .devices(let devices) = self.source else { return LiveCapture.Drops() }
        return devices.reduce(into: LiveCapture.Drops()) { sum, device in
            sum.byKernel += device.drops.byKernel
            sum.byInterface += device.drops.byInterface
        }
    }
}

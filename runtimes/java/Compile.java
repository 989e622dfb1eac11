// SPDX-License-Identifier: Apache-2.0
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import com.sun.tools.javac.api.JavacTaskPool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.Deflater;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Compile OUT ENTRY [FLAG...] -- SOURCE...: compiles the sources into one jar whose main class is the one of ENTRY
 * that has a main method. As javac, but in one process, and a public class may be in a file of any name.
 *
 * A parked one (src/ipc/park.h) compiles samples first. What javac then knows of the standard library is kept for the
 * program, by the means that jshell has for its snippets; if javac has a word to say it is asked anew, knowing nothing.
 */
public final class Compile {
	/** There while a parked process may take its time. */
	private static final Path WAITING = Path.of("/proc/self/fd/100");
	/** There in one that is copied for each compile. */
	private static final Path ZYGOTE = Path.of("/proc/self/fd/103");
	/** Where that waits to be copied; in copies that have time it is there. */
	private static final Path MEETING = Path.of("/proc/self/fd/100/meeting");
	private static final int PRACTICE = 8, ZYGOTE_PRACTICE = 40;

	private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
	private static final PrintWriter SILENT = new PrintWriter(Writer.nullWriter());

	/** A source file that does not mind what its public class is called. */
	private static class Source extends SimpleJavaFileObject {
		final String name;

		Source(String name) {
			super(Path.of(name).toUri(), Kind.SOURCE);
			this.name = name;
		}

		@Override public boolean isNameCompatible(String simpleName, Kind kind) {
			return kind == Kind.SOURCE;
		}

		/** What diagnostics show. */
		@Override public String getName() {
			return name;
		}

		@Override public CharSequence getCharContent(boolean ignoreErrors) throws IOException {
			return Files.readString(Path.of(name));
		}
	}

	/** What is compiled for practice only. */
	private static final class Sample extends Source {
		Sample(String name) {
			super(name);
		}

		@Override public CharSequence getCharContent(boolean ignoreErrors) throws IOException {
			try (var in = Compile.class.getResourceAsStream("/" + name)) {
				return new String(in.readAllBytes(), StandardCharsets.UTF_8);
			}
		}
	}

	/** Compiled classes go straight into the jar. */
	private static final class JarClasses extends ForwardingJavaFileManager<JavaFileManager> {
		final List<String> names = new ArrayList<>();
		final List<ByteArrayOutputStream> contents = new ArrayList<>();

		JarClasses() {
			super(COMPILER.getStandardFileManager(null, null, null));
		}

		void clear() {
			names.clear();
			contents.clear();
		}

		@Override public JavaFileObject getJavaFileForOutput(Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
			var content = new ByteArrayOutputStream();
			names.add(name.replace('.', '/') + kind.extension);
			contents.add(content);
			return new SimpleJavaFileObject(URI.create("mem:///" + names.size() + kind.extension), kind) {
				@Override public OutputStream openOutputStream() {
					return content;
				}
			};
		}

		void save(String jar, String mainClass) throws IOException {
			var manifest = new Manifest();
			manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
			manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, mainClass);
			manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, "./"); // the request's files, as resources
			try (var out = new JarOutputStream(Files.newOutputStream(Path.of(jar)), manifest)) {
				out.setLevel(Deflater.BEST_SPEED);
				for (int i = 0; i < names.size(); i++) {
					out.putNextEntry(new JarEntry(names.get(i)));
					contents.get(i).writeTo(out);
				}
			}
		}
	}

	/** Hears of each class that is compiled and keeps the first of the entry file that can be started. */
	private static final class MainFinder implements TaskListener {
		final Elements elements;
		final String entry;
		String name;

		MainFinder(Elements elements, String entry) {
			this.elements = elements;
			this.entry = entry;
		}

		@Override public void finished(TaskEvent event) {
			if (event.getKind() == TaskEvent.Kind.ANALYZE && name == null && event.getTypeElement() != null
				&& event.getSourceFile().getName().equals(entry) && isMain(event.getTypeElement()))
				name = elements.getBinaryName(event.getTypeElement()).toString();
		}

		private boolean isMain(TypeElement type) {
			return ElementFilter.methodsIn(elements.getAllMembers(type)).stream().anyMatch(MainFinder::isMain);
		}

		/** JLS 12.1.4; since Java 25 (JEP 512) it need not be public, static, nor have a parameter. */
		private static boolean isMain(ExecutableElement method) {
			if (!method.getSimpleName().contentEquals("main") || !method.getReturnType().toString().equals("void"))
				return false;
			String parameters = method.getParameters().stream().map(p -> p.asType().toString()).reduce("", String::concat);
			boolean classic = parameters.equals("java.lang.String[]")
				&& method.getModifiers().containsAll(List.of(Modifier.PUBLIC, Modifier.STATIC));
			boolean relaxed = (parameters.isEmpty() || parameters.equals("java.lang.String[]"))
				&& !method.getModifiers().contains(Modifier.PRIVATE);
			return classic || relaxed && Runtime.version().feature() >= 25;
		}
	}

	/** One program. */
	private record Job(String jar, String entry, List<String> flags, List<Source> sources) {
		static Job sample(String name) {
			return new Job("/dev/null", name, List.of(), List.of(new Sample(name)));
		}

		/** Said and done as javac does. Whether it went well. */
		boolean compile(JavacTask task, JarClasses classes, PrintWriter errors) throws IOException {
			var finder = new MainFinder(task.getElements(), entry);
			task.addTaskListener(finder);
			if (!task.call())
				return false;
			if (finder.name == null) {
				errors.println(entry + ": error: no class here has a method 'public static void main(String[] args)'");
				return false;
			}
			classes.save(jar, finder.name);
			return true;
		}

		/** The same for a caller that cannot pass on what goes wrong with files. */
		boolean compileQuietly(JavacTask task, JarClasses classes) {
			try {
				return compile(task, classes, SILENT);
			} catch (IOException e) {
				throw new UncheckedIOException(e);
			}
		}

		boolean compile(PrintWriter errors) throws IOException {
			try (var classes = new JarClasses()) {
				return compile((JavacTask) COMPILER.getTask(errors, classes, null, options(flags), null, sources), classes, errors);
			}
		}

		/**
		 * Not where there is more to look at than sources: what was not there before may be thought not to be there now. A parked
		 * process waits at the first look.
		 */
		boolean isOrdinary() throws IOException {
			Files.exists(Path.of(entry));
			if (!flags.isEmpty() || sources.stream().anyMatch(source -> source.name.endsWith("-info.java")))
				return false;
			try (var files = Files.walk(Path.of("."))) {
				return files.noneMatch(file -> file.toString().endsWith(".class"));
			}
		}
	}

	/** A javac that remembers. It is not asked about anything that it would find out by looking at the working directory. */
	private static final class Practised {
		private final JavacTaskPool pool = new JavacTaskPool(1);
		private final JarClasses classes = new JarClasses();

		/** false: it is nothing for it, did not go well, or there is something to be said. */
		boolean compile(Job job) throws IOException {
			if (!job.isOrdinary())
				return false;
			var said = new DiagnosticCollector<JavaFileObject>();
			classes.clear();
			try {
				return pool.getTask(null, classes, said, options(job.flags), null, job.sources, task -> job.compileQuietly(task, classes))
					&& said.getDiagnostics().isEmpty();
			} catch (RuntimeException | StackOverflowError e) {
				return false;
			}
		}
	}

	private Compile() {}

	public static void main(String[] args) throws IOException {
		Practised practised = Files.exists(WAITING) ? practise(Files.exists(ZYGOTE) ? ZYGOTE_PRACTICE : PRACTICE) : null;
		if (Files.exists(MEETING))
			practised.compile(Job.sample("Hello.java"));
		List<String> words = List.of(args);
		int end = words.indexOf("--");
		List<Source> sources = words.subList(end + 1, words.size()).stream().map(Source::new).toList();
		var job = new Job(args[0], args[1], words.subList(2, end), sources);
		var errors = new PrintWriter(System.err);
		boolean good = practised != null && practised.compile(job) || job.compile(errors);
		errors.flush();
		Runtime.getRuntime().halt(good ? 0 : 1); // there is nothing to tidy up
	}

	/** So that the compiler's own code is loaded and compiled before there is something to compile. */
	private static Practised practise(int times) throws IOException {
		var practised = new Practised();
		for (int i = 0; i < times; i++) {
			Job.sample("Broken.java").compile(SILENT);
			for (String name : List.of("Sample.java", "Hello.java"))
				practised.compile(Job.sample(name));
		}
		System.gc();
		return practised;
	}

	private static List<String> options(List<String> flags) {
		// without -proc:none javac looks for annotation processors in the class path
		var options = new ArrayList<>(List.of("-proc:none", "-g", "-cp", "."));
		for (String flag : flags) {
			if (flag.startsWith("-X"))
				options.add(flag);
			if (flag.equals("--enable-preview"))
				options.addAll(List.of(flag, "--release", "" + Runtime.version().feature()));
		}
		return options;
	}
}

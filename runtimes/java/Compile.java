// SPDX-License-Identifier: Apache-2.0
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
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
 */
public final class Compile {
	/** There while a parked process may take its time (src/ipc/park.h). */
	private static final Path WAITING = Path.of("/proc/self/fd/100");
	private static final int PRACTICE = 8;

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

		JarClasses(JavaFileManager manager) {
			super(manager);
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

	private Compile() {}

	public static void main(String[] args) throws IOException {
		if (Files.exists(WAITING))
			practise();
		List<String> words = List.of(args);
		int end = words.indexOf("--");
		List<Source> sources = words.subList(end + 1, words.size()).stream().map(Source::new).toList();
		System.exit(compile(args[0], args[1], words.subList(2, end), sources));
	}

	/** So that the compiler's own code is loaded and compiled before there is something to compile. */
	private static void practise() throws IOException {
		for (int i = 0; i < PRACTICE; i++)
			compile("/dev/null", "Sample.java", List.of(), List.of(new Sample("Sample.java")));
		System.gc();
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

	private static int compile(String jar, String entry, List<String> flags, List<Source> sources) throws IOException {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		var errors = new PrintWriter(System.err, true);
		try (var classes = new JarClasses(compiler.getStandardFileManager(null, null, null))) {
			var task = (JavacTask) compiler.getTask(errors, classes, null, options(flags), null, sources);
			var finder = new MainFinder(task.getElements(), entry);
			task.addTaskListener(finder);
			if (!task.call())
				return 1;
			if (finder.name == null) {
				errors.println(entry + ": error: no class here has a method 'public static void main(String[] args)'");
				return 1;
			}
			classes.save(jar, finder.name);
		}
		return 0;
	}
}

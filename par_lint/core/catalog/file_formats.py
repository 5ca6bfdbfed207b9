"""Data, image and document files of libraries: pandas, numpy, PIL, yaml, git and others.

Source: the documentation of each library.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Family, Kind, Sharing, Trait, Types

TEXT_WITHOUT_PLACE = {
    **dict.fromkeys((f"pandas.DataFrame.to_{form}" for form in ("csv", "json", "html", "xml")), (0, frozenset({"path_or_buf", "buf", "path_or_buffer"}))),
    **dict.fromkeys((f"yaml.{writer}" for writer in ("dump", "safe_dump", "dump_all", "safe_dump_all")), (1, frozenset({"stream"}))),
    **dict.fromkeys(("polars.DataFrame.write_csv", "polars.DataFrame.write_json"), (0, frozenset({"file"}))),
}
"""Writers that give a text if they get no place to write to, with the position and the keywords of the place."""
_IMAGE = frozenset({"size", "width", "height", "format", "mode", "info", "filename", "is_animated", "n_frames", "getexif", "getbands"})
_ARRAY = frozenset({"shape", "header", "affine", "ndim", "dtype", "get_filename", "attrs", "dims", "sizes", "keys", "meta", "profile", "crs", "bounds"})
HEADER_ATTRIBUTES = {
    "PIL.Image.open": _IMAGE, "nibabel.load": _ARRAY, "rasterio.open": _ARRAY | {"width", "height", "count"}, "xarray.open_dataset": _ARRAY,
    "h5py.File": _ARRAY, "pyarrow.parquet.ParquetFile": frozenset({"schema", "metadata", "num_row_groups", "schema_arrow"}),
    "astropy.io.fits.open": frozenset({"info", "filename"}), "netCDF4.Dataset": _ARRAY | {"variables", "dimensions", "ncattrs"}, "zarr.open": _ARRAY,
}  # fmt: skip
"""Calls that open a file lazily, with the attributes that need only its header."""
LAZY = frozenset(HEADER_ATTRIBUTES) - {"PIL.Image.open"} | {"numpy.memmap"}
"""What opens a file lazily and is often kept open on purpose; an image is opened in order to decode it."""

FAMILY = Family(
    entries=(
        Calls(Kind.FILE, Effect.READ, """
            pandas.{read_csv read_excel read_json read_parquet read_pickle read_hdf read_feather read_table read_fwf read_xml read_html read_orc
                read_sas read_spss read_stata}
            numpy.{load loadtxt genfromtxt fromfile memmap} polars.{read_csv read_parquet read_json read_ipc read_excel}
            pyarrow.parquet.{read_table ParquetFile read_schema} pyarrow.csv.read_csv geopandas.read_file xarray.{open_dataset load_dataset}
            PIL.Image.open PIL.ImageFont.truetype cv2.{imread} imageio.{imread v2.imread v3.imread} skimage.io.imread matplotlib.image.imread
            yaml.{load safe_load full_load load_all safe_load_all unsafe_load} toml.load tomlkit.load ruamel.yaml.YAML.load simplejson.load ujson.load
            soundfile.read librosa.load scipy.io.loadmat scipy.io.wavfile.read h5py.File joblib.load torch.load torchaudio.load
            torchvision.io.read_image safetensors.torch.load_file openpyxl.load_workbook docx.Document pypdf.PdfReader PyPDF2.PdfReader
            pdfplumber.open lxml.etree.parse lxml.html.parse nibabel.load pydicom.dcmread astropy.io.fits.open rasterio.open
            frontmatter.load dotenv.dotenv_values cloudpickle.load dill.load orjson.load mutagen.File exifread.process_file
            tifffile.imread netCDF4.Dataset trimesh.load pikepdf.open pikepdf.Pdf.open xlrd.open_workbook
        """),
        Calls(Kind.FILE, Effect.WRITE, """
            pandas.DataFrame.{to_csv to_excel to_json to_parquet to_pickle to_hdf to_feather to_html to_xml to_stata}
            numpy.{save savez savez_compressed savetxt} polars.DataFrame.{write_csv write_parquet write_json write_ipc}
            pyarrow.parquet.write_table pyarrow.csv.write_csv geopandas.GeoDataFrame.to_file
            PIL.Image.Image.save cv2.imwrite imageio.{imwrite mimsave v2.imwrite v3.imwrite} skimage.io.imsave
            yaml.{dump safe_dump dump_all} toml.dump tomlkit.dump ruamel.yaml.YAML.dump simplejson.dump ujson.dump
            soundfile.write scipy.io.savemat scipy.io.wavfile.write joblib.dump torch.save torchaudio.save safetensors.torch.save_file
            openpyxl.Workbook.save cloudpickle.dump dill.dump lxml.etree._ElementTree.write torchvision.utils.save_image pikepdf.Pdf.save
        """),
        Calls(Kind.NETWORK, Effect.WRITE, """
            git.Repo.clone_from git.remote.Remote.{fetch pull push} git.Remote.{fetch pull push} dulwich.porcelain.{clone fetch pull push}
            pygit2.clone_repository pandas.read_sql pandas.read_gbq
        """),
        Calls(Kind.FILE, Effect.READ, "git.Repo.{iter_commits blame}"),
        Calls(Kind.METADATA, Effect.GLOBAL, "dotenv.load_dotenv"),  # into os.environ: the last file wins
        Calls(Kind.METADATA, Effect.READ, "filetype.guess magic.from_file puremagic.from_file"),  # by the first bytes
        Calls(Kind.METADATA, Effect.GLOBAL, """
            matplotlib.pyplot.* pylab.* fitz.** pymupdf.** numpy.random.seed torch.manual_seed pandas.{set_option option_context}
        """),  # one state for all threads, or none but one may use it
        Calls(Kind.SUBPROCESS, Effect.WRITE, "git.cmd.Git.* sh.Command plumbum.local invoke.run invoke.Context.{run sudo} pexpect.{run spawn} delegator.run"),
        Calls(Kind.NATIVE, Effect.NONE, "PIL.Image.Image.{resize thumbnail rotate crop convert filter} cv2.{resize cvtColor GaussianBlur}"),
    ),
    types=(
        Types(Sharing.STATEFUL, "h5py.File ruamel.yaml.YAML pypdf.PdfReader openpyxl.Workbook"),
        Types(Sharing.UNSURE, "git.Repo git.remote.Remote git.Remote invoke.Context"),
    ),
    returns={
        "PIL.Image.open": "PIL.Image.Image", "PIL.Image.new": "PIL.Image.Image", "openpyxl.load_workbook": "openpyxl.Workbook",
        **{f"PIL.Image.Image.{method}": "PIL.Image.Image" for method in ("resize", "rotate", "crop", "convert", "filter", "copy")},
        **{f"pandas.{reader}": "pandas.DataFrame" for reader in ("read_csv", "read_excel", "read_json", "read_parquet", "read_pickle", "concat", "merge")},
        "pikepdf.open": "pikepdf.Pdf", "pikepdf.Pdf.open": "pikepdf.Pdf", "git.Repo.git": "git.cmd.Git", "git.Repo.remote": "git.remote.Remote", "git.Repo.remotes": "iter[git.remote.Remote]", "git.Repo.init": "git.Repo",
    },
    aliases={"git.repo.Repo": "git.Repo", "git.Git": "git.cmd.Git", "git.repo.base.Repo": "git.Repo"},
    traits={
        Trait.READS_HANDLE: """
            json.load tomllib.load tomli.load pickle.load marshal.load plistlib.load ujson.load simplejson.load tomlkit.load dill.load cloudpickle.load
            yaml.{load load_all safe_load safe_load_all full_load full_load_all unsafe_load unsafe_load_all} msgpack.{load unpack} csv.{reader DictReader}
            email.{message_from_file message_from_binary_file} hashlib.file_digest configparser.ConfigParser.read_file configparser.RawConfigParser.read_file
        """,
        Trait.READS_ALL: """
            json.load tomllib.load tomli.load toml.load pickle.load marshal.load plistlib.load yaml.{safe_load load full_load unsafe_load}
            xml.etree.ElementTree.parse xml.dom.minidom.parse lxml.etree.parse hashlib.file_digest email.{message_from_file message_from_binary_file}
            joblib.load dill.load cloudpickle.load ujson.load simplejson.load msgpack.{load unpack} numpy.{loadtxt genfromtxt} torch.load soundfile.read
            scipy.io.loadmat os.fstat ast.parse bs4.BeautifulSoup nbformat.read
        """,
        Trait.READS_TABLE: "pandas.{read_csv read_table read_json read_excel read_parquet read_pickle read_xml}",
        Trait.READS_LATER: """
            PIL.Image.open numpy.memmap pyarrow.parquet.ParquetFile xarray.open_dataset h5py.File pypdf.PdfReader PyPDF2.PdfReader pdfplumber.open
            fitz.open astropy.io.fits.open rasterio.open netCDF4.{Dataset MFDataset} zarr.open safetensors.safe_open fiona.open shapefile.Reader
            nibabel.load xml.etree.ElementTree.iterparse wave.open tokenize.open fileinput.input csv.{reader DictReader}
            yaml.{load_all safe_load_all full_load_all unsafe_load_all}
        """,
        Trait.GIVES_PARTS: """
            yaml.{load_all safe_load_all full_load_all unsafe_load_all} csv.{reader DictReader} xml.etree.ElementTree.iterparse lxml.etree.iterparse
            ijson.{items kvitems parse} fastavro.reader jsonlines.Reader
        """,
        Trait.READS_TEXT: "yaml.{load safe_load full_load load_all safe_load_all unsafe_load} ruamel.yaml.YAML.load",
        Trait.RETURNS_ITERATOR: "yaml.{load_all safe_load_all}",
        Trait.RETURNS_DATA: "tomli.**",
        Trait.WRITES_BY_DEFAULT: "numpy.memmap",
        Trait.UNPICKLES: """
            pickle.{load loads} dill.load cloudpickle.load joblib.load torch.load pandas.{read_pickle read_hdf}
            yaml.{full_load full_load_all unsafe_load unsafe_load_all}
        """,
        Trait.ONE_THREAD: """
            netCDF4.** fitz.** pymupdf.** xarray.{open_dataset load_dataset} matplotlib.** pandas.read_hdf tables.** pypdfium2.**
        """,
        Trait.THREAD_STATE: "numpy.{seterr errstate}",
        Trait.RUNS_CODE: "numpy.seterrcall",
        Trait.MAPS_FILE: "numpy.memmap numpy.lib.format.open_memmap",
        Trait.KEEPS_ARGUMENTS: "tomli.** yaml.** numpy.** pandas.** PIL.**",
    },
    targets={
        **dict.fromkeys((f"pandas.DataFrame.to_{form}" for form in ("csv", "json", "html", "xml")), (0, "path_or_buf")),
        **dict.fromkeys((f"pandas.DataFrame.to_{form}" for form in ("parquet", "pickle", "feather", "stata", "hdf")), (0, "path")),
        "pandas.DataFrame.to_excel": (0, "excel_writer"), "geopandas.GeoDataFrame.to_file": (0, "filename"),
        **dict.fromkeys((f"polars.DataFrame.write_{form}" for form in ("csv", "parquet", "json", "ipc")), (0, "file")),
        **dict.fromkeys((f"numpy.{writer}" for writer in ("save", "savez", "savez_compressed")), (0, "file")), "numpy.savetxt": (0, "fname"),
        "PIL.Image.Image.save": (0, "fp"), "cv2.imwrite": (0, "filename"), "skimage.io.imsave": (0, "fname"), "torchvision.utils.save_image": (1, "fp"),
        **dict.fromkeys(("imageio.imwrite", "imageio.mimsave", "imageio.v2.imwrite", "imageio.v3.imwrite"), (0, "uri")),
        "soundfile.write": (0, "file"), "scipy.io.savemat": (0, "file_name"), "scipy.io.wavfile.write": (0, "filename"), "torchaudio.save": (0, "uri"),
        "joblib.dump": (1, "filename"), "torch.save": (1, "f"), "safetensors.torch.save_file": (1, "filename"), "pyarrow.parquet.write_table": (1, "where"),
        "pyarrow.csv.write_csv": (1, "output_file"), "openpyxl.Workbook.save": (0, "filename"),
    },
    mode_positions={
        "zipfile.ZipFile": 1, "tarfile.open": 1, "tarfile.TarFile": 1, "wave.open": 1, "h5py.File": 1, "netCDF4.Dataset": 1, "rasterio.open": 1,
        "astropy.io.fits.open": 1, "numpy.memmap": 2, "numpy.load": 1, "git.Repo": 1, "fileinput.input": 3,
    },
    lazy_keywords={"numpy.load": "mmap_mode", "openpyxl.load_workbook": "read_only", "nbformat.read": "stream"},
)  # fmt: skip
